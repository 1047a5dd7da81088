#pragma once

// What time brings about: the begin of a job, and its end for taking too long.

#include <chrono>
#include <thread>

#include "freight/testing/storage/job_control_fixture.hpp"

namespace freight::testing {

class ScheduleSuite : public JobControlFixture {};

TEST_P(ScheduleSuite, AScheduledJobBeginsAtItsTime) {
  const auto id = scheduled_job(soon);
  EXPECT_EQ(status(id), JobStatus::scheduled);
  EXPECT_TRUE(claim(9, 9).empty());
  EXPECT_TRUE(work().housekeep().cancelled.empty());
  EXPECT_EQ(status(id), JobStatus::scheduled);
  std::this_thread::sleep_for(soon);
  EXPECT_EQ(claim(9, 9).size(), 1U);
  EXPECT_EQ(status(id), JobStatus::running);
}

TEST_P(ScheduleSuite, AScheduledJobThatIsDueAndNotClaimedIsPending) {
  const auto id = scheduled_job(milliseconds(50));
  std::this_thread::sleep_for(milliseconds(80));
  work().housekeep();
  EXPECT_EQ(status(id), JobStatus::pending);
}

TEST_P(ScheduleSuite, ATimeInThePastIsNoSchedule) {
  EXPECT_EQ(status(scheduled_job(-std::chrono::hours(1))), JobStatus::pending);
}

TEST_P(ScheduleSuite, ResumedBeforeItsTimeAJobIsScheduledAgain) {
  const auto id = scheduled_job(std::chrono::hours(1));
  pause(id);
  EXPECT_EQ(resume(id).status, JobStatus::scheduled);
  EXPECT_TRUE(claim(9, 9).empty());
}

TEST_P(ScheduleSuite, ATimeoutCountsFromTheStartAndAnewAfterARetry) {
  auto request = new_job(tenant_);
  request.timeout = std::chrono::seconds(2);
  const auto id = JobId::generate();
  jobs().submit(id, request);
  EXPECT_EQ(job(id).deadline_at, std::nullopt) << "it has not started";
  claim(0, 1);
  const auto found = job(id);
  ASSERT_TRUE(found.deadline_at.has_value());
  const auto allowed = *found.deadline_at - *found.started_at;
  EXPECT_GE(allowed, std::chrono::seconds(2));
  EXPECT_LT(allowed, std::chrono::seconds(60));
  EXPECT_TRUE(work().housekeep().timed_out.empty());
  std::this_thread::sleep_for(milliseconds(2050));
  const auto kept = work().housekeep();
  ASSERT_EQ(kept.timed_out.size(), 1U);
  EXPECT_EQ(kept.timed_out[0], (JobReference{tenant_, id}));
  work().finish_job({.token = std::nullopt,
                     .tenant_id = tenant_,
                     .job_id = id,
                     .status = JobStatus::failed,
                     .error = std::nullopt,
                     .warnings = {},
                     .reconciliation = {}});
  EXPECT_EQ(retry(id).refusal, RetryRefusal::none);
  EXPECT_EQ(job(id).deadline_at, std::nullopt);
}

}  // namespace freight::testing
