#pragma once

// How a job is cancelled, whoever works for it meanwhile.

#include <string>
#include <thread>
#include <vector>

#include "freight/testing/storage/job_control_fixture.hpp"

namespace freight::testing {

class CancellationSuite : public JobControlFixture {};

TEST_P(CancellationSuite, ACancelledJobEndsWithItsLastBatchInFlight) {
  const auto id = planned_job(5);
  const auto tasks = claim(2, 0);
  EXPECT_EQ(cancel(id).status, JobStatus::cancelling);
  EXPECT_TRUE(claim(9, 9).empty());
  EXPECT_TRUE(acknowledge(completed(tasks[0])).cancelled.empty());
  EXPECT_EQ(status(id), JobStatus::cancelling);
  const auto last = acknowledge(with_verdict(tasks[1], TaskVerdict::release));
  ASSERT_EQ(last.cancelled.size(), 1U);
  EXPECT_EQ(last.cancelled[0].job_id, id);
  const auto found = job(id);
  EXPECT_EQ(found.status, JobStatus::cancelled);
  EXPECT_TRUE(found.finished_at.has_value());
  EXPECT_EQ(found.records, (RecordCounts{.read = 10, .succeeded = 10}));
  EXPECT_EQ(found.batches_completed, 1U);
  std::uint64_t cancelled = 0;
  for (const auto& batch : batches(id)) cancelled += batch.status == BatchStatus::cancelled ? 1 : 0;
  EXPECT_EQ(cancelled, 4U);
  EXPECT_EQ(queued(), 0U);
}

TEST_P(CancellationSuite, ARetryOfABatchOfACancelledJobIsTheBatchesEnd) {
  const auto id = planned_job(1);
  const auto task = claim(1, 0).at(0);
  cancel(id);
  EXPECT_EQ(acknowledge(with_verdict(task, TaskVerdict::retry)).cancelled.size(), 1U);
  EXPECT_EQ(status(id), JobStatus::cancelled);
  EXPECT_EQ(batches(id).at(0).status, BatchStatus::cancelled);
}

TEST_P(CancellationSuite, ACancelledPlannerHandsItsTaskBack) {
  const auto id = submit();
  const auto task = claim(0, 1).at(0);
  EXPECT_EQ(cancel(id).status, JobStatus::cancelling);
  const auto result = work().append_plan(chunk(task, 0, 2, false));
  EXPECT_TRUE(result.cancelling);
  EXPECT_EQ(job(id).batches_total, 0U);
  EXPECT_TRUE(
      work().retry_task({.token = task.token, .tenant_id = tenant_, .job_id = id}).cancelled);
  EXPECT_EQ(status(id), JobStatus::cancelled);
}

TEST_P(CancellationSuite, AFinishInFlightHasTheLastWordOverACancellation) {
  const auto id = planned_job(0);
  const auto task = claim(0, 1).at(0);
  EXPECT_EQ(cancel(id).status, JobStatus::cancelling);
  EXPECT_TRUE(work().finish_job(finish(task)));
  EXPECT_EQ(status(id), JobStatus::completed);
}

TEST_P(CancellationSuite, AJobWhoseNodeDiedIsCancelledWhenItsLeaseHasRunOut) {
  const auto id = planned_job(2);
  auto ask = request(1, 0);
  ask.lease = soon;
  const auto task = work().claim(ask).at(0);
  EXPECT_EQ(cancel(id).status, JobStatus::cancelling);
  EXPECT_TRUE(work().housekeep().cancelled.empty()) << "its lease still holds";
  std::this_thread::sleep_for(soon);
  const auto kept = work().housekeep();
  ASSERT_EQ(kept.cancelled.size(), 1U);
  EXPECT_EQ(kept.cancelled[0], (JobReference{tenant_, id}));
  EXPECT_EQ(status(id), JobStatus::cancelled);
  EXPECT_EQ(acknowledge(completed(task)).lost.size(), 1U) << "the zombie changes nothing";
  EXPECT_EQ(job(id).records.read, 0U);
}

TEST_P(CancellationSuite, ALeaseThatRanOutDoesNotKeepAJobFromBeingCancelledAtOnce) {
  const auto id = planned_job(1);
  auto ask = request(1, 0);
  ask.lease = milliseconds(1);
  ASSERT_EQ(work().claim(ask).size(), 1U);
  std::this_thread::sleep_for(milliseconds(20));
  EXPECT_EQ(cancel(id).status, JobStatus::cancelled);
}

TEST_P(CancellationSuite, ACancelledJobCanBeRetried) {
  const auto id = planned_job(3);
  acknowledge(completed(claim(1, 0).at(0)));
  cancel(id);
  const auto result = retry(id);
  EXPECT_EQ(result.refusal, RetryRefusal::none);
  EXPECT_EQ(result.batches_requeued, 2U);
  EXPECT_EQ(claim(9, 9).size(), 2U);
}

}  // namespace freight::testing
