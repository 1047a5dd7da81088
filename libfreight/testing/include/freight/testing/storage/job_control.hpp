#pragma once

// Pause, resume and remove.

#include <array>
#include <string_view>
#include <thread>
#include <vector>

#include "freight/testing/storage/job_control_fixture.hpp"

namespace freight::testing {

class JobControlSuite : public JobControlFixture {};

TEST_P(JobControlSuite, PauseIsTakenExactlyWhereTheTableHasIt) {
  for (const auto from : all_statuses) {
    const auto id = job_in(from);
    ASSERT_EQ(status(id), from);
    const auto change = pause(id);
    EXPECT_EQ(change.changed, can_transition(from, JobStatus::paused)) << to_string(from);
    EXPECT_EQ(change.accepted, change.changed || from == JobStatus::paused) << to_string(from);
    EXPECT_EQ(change.status, status(id)) << to_string(from);
    EXPECT_EQ(change.status, change.changed ? JobStatus::paused : from);
  }
}

TEST_P(JobControlSuite, ResumeIsTakenOfPausedJobsOnly) {
  for (const auto from : all_statuses) {
    const auto id = job_in(from);
    const auto change = resume(id);
    EXPECT_EQ(change.changed, from == JobStatus::paused) << to_string(from);
    EXPECT_EQ(change.accepted, change.changed);
    EXPECT_EQ(change.status, change.changed ? JobStatus::pending : from) << to_string(from);
    EXPECT_EQ(change.status, status(id));
  }
}

TEST_P(JobControlSuite, CancelIsTakenOfEveryJobThatHasNotEnded) {
  for (const auto from : all_statuses) {
    const auto id = job_in(from);
    const auto change = cancel(id);
    const bool ended = is_final(from);
    EXPECT_EQ(change.changed, !ended && from != JobStatus::cancelling) << to_string(from);
    EXPECT_EQ(change.accepted, !ended || from == JobStatus::cancelled) << to_string(from);
    EXPECT_EQ(change.status, status(id));
    EXPECT_EQ(change.status, change.changed ? JobStatus::cancelled : from) << to_string(from);
  }
}

TEST_P(JobControlSuite, RemoveIsTakenOfEndedJobs) {
  for (const auto from : all_statuses) {
    const auto id = job_in(from);
    EXPECT_EQ(jobs().remove_job(tenant_, id).accepted, is_final(from)) << to_string(from);
    EXPECT_EQ(jobs().find_job(tenant_, id).has_value(), !is_final(from)) << to_string(from);
  }
}

TEST_P(JobControlSuite, ActionsSayWhatTheStoreTakes) {
  for (const auto from : all_statuses) {
    const auto id = job_in(from);
    std::vector<std::string_view> taken;
    if (pause(id).changed) taken.emplace_back("pause");
    const auto other = job_in(from);
    if (resume(other).changed) taken.emplace_back("resume");
    if (cancel(job_in(from)).changed) taken.emplace_back("cancel");
    auto actions = actions_of(from);
    std::erase_if(actions, [](auto name) { return name == "retry" || name == "delete"; });
    EXPECT_EQ(actions, taken) << to_string(from);
  }
}

TEST_P(JobControlSuite, AJobOfNobodyOrOfAnotherTenantIsNotFound) {
  const auto other = storage_->tenants().create({.name = "other"}).id;
  const auto id = submit();
  for (const JobReference& job :
       {JobReference{tenant_, JobId::generate()}, JobReference{other, id}}) {
    const TenantId tenant = job.tenant_id;
    const JobId job_id = job.job_id;
    EXPECT_EQ(code_of([&] { jobs().pause(tenant, job_id, std::nullopt); }), Code::not_found);
    EXPECT_EQ(code_of([&] { jobs().resume(tenant, job_id); }), Code::not_found);
    EXPECT_EQ(code_of([&] { jobs().cancel(tenant, job_id); }), Code::not_found);
    EXPECT_EQ(code_of([&] { jobs().remove_job(tenant, job_id); }), Code::not_found);
  }
  EXPECT_EQ(status(id), JobStatus::pending);
}

TEST_P(JobControlSuite, APausedJobGivesNoWorkUntilItIsResumed) {
  const auto id = planned_job(3);
  const auto task = claim(1, 0).at(0);
  EXPECT_EQ(pause(id).status, JobStatus::paused);
  EXPECT_TRUE(claim(9, 9).empty());
  EXPECT_TRUE(acknowledge(with_verdict(task, TaskVerdict::release)).lost.empty());
  EXPECT_TRUE(claim(9, 9).empty()) << "what is handed back waits as well";
  EXPECT_EQ(resume(id).status, JobStatus::pending);
  EXPECT_EQ(claim(9, 9).size(), 3U);
  EXPECT_EQ(status(id), JobStatus::running);
}

TEST_P(JobControlSuite, ALeaseThatRanOutIsNotTakenOverWhileTheJobIsPaused) {
  const auto id = planned_job(1);
  auto ask = request(1, 0);
  ask.lease = milliseconds(1);
  ASSERT_EQ(work().claim(ask).size(), 1U);
  pause(id);
  std::this_thread::sleep_for(milliseconds(20));
  EXPECT_TRUE(claim(9, 9).empty());
  EXPECT_EQ(resume(id).status, JobStatus::running) << "its holder may yet say something";
  EXPECT_EQ(claim(9, 9).size(), 1U);
}

TEST_P(JobControlSuite, BatchesInFlightEndWhileTheJobIsPausedAndTheFinishWaits) {
  const auto id = planned_job(1);
  const auto task = claim(1, 0).at(0);
  pause(id);
  EXPECT_TRUE(acknowledge(completed(task)).lost.empty());
  EXPECT_EQ(job(id).records.succeeded, 10U);
  EXPECT_TRUE(claim(9, 9).empty());
  resume(id);
  const auto last = claim(9, 9);
  ASSERT_EQ(last.size(), 1U);
  EXPECT_EQ(last[0].kind, TaskKind::finish);
}

TEST_P(JobControlSuite, AFinishInFlightEndsAPausedOrResumedJob) {
  for (const bool resumed : {false, true}) {
    const auto id = planned_job(0);
    const auto task = claim(0, 1).at(0);
    pause(id);
    if (resumed) {
      EXPECT_EQ(resume(id).status, JobStatus::running);
    }
    EXPECT_TRUE(work().finish_job(finish(task)));
    EXPECT_EQ(status(id), JobStatus::completed);
  }
}

TEST_P(JobControlSuite, APlannerOfAPausedJobHandsItsTaskBackWithTheChunk) {
  const auto id = submit();
  const auto task = claim(0, 1).at(0);
  pause(id);
  const auto result = work().append_plan(chunk(task, 0, 2, false));
  EXPECT_TRUE(result.paused);
  EXPECT_FALSE(result.lost);
  EXPECT_EQ(job(id).batches_total, 2U);
  EXPECT_TRUE(claim(9, 9).empty());
  resume(id);
  EXPECT_EQ(claim(9, 9).size(), 3U) << "two batches and the plan, which goes on";
}

TEST_P(JobControlSuite, RenewSaysWhichJobsAreHeld) {
  const auto stopped = planned_job(1);
  const auto paused = planned_job(1);
  const auto free = planned_job(1);
  const auto tasks = claim(3, 0);
  std::vector<LeaseToken> tokens;
  for (const auto& task : tasks) tokens.push_back(task.token);
  cancel(stopped);
  pause(paused);
  const auto result = renew(node_, tokens);
  EXPECT_TRUE(result.lost.empty());
  ASSERT_EQ(result.cancelling.size(), 1U);
  ASSERT_EQ(result.paused.size(), 1U);
  EXPECT_EQ(result.cancelling[0], tasks[0].token);
  EXPECT_EQ(result.paused[0], tasks[1].token);
  EXPECT_EQ(status(free), JobStatus::running);
}

TEST_P(JobControlSuite, APauseForALimitSaysWhichAndAResumeBeginsTheLimitsAnew) {
  const auto id = planned_job(2);
  auto report = completed(claim(1, 0).at(0));
  report.counts = {.read = 10, .succeeded = 7, .rejected = 3};
  acknowledge(report);
  const Failure reason{.code = Code::too_many_rejects,
                       .category = Category::limit,
                       .message = "3 of 10 records were rejected",
                       .details = {}};
  EXPECT_TRUE(jobs().pause(tenant_, id, reason).changed);
  auto found = job(id);
  ASSERT_TRUE(found.error.has_value());
  EXPECT_EQ(found.error->code, Code::too_many_rejects);
  EXPECT_EQ(found.error->message, reason.message);
  EXPECT_EQ(found.limits_from_rejected, 0U);
  resume(id);
  found = job(id);
  EXPECT_FALSE(found.error.has_value());
  EXPECT_EQ(found.limits_from_read, 10U);
  EXPECT_EQ(found.limits_from_rejected, 3U);
}

TEST_P(JobControlSuite, APersonsPauseLeavesTheLimits) {
  const auto id = planned_job(2);
  auto report = completed(claim(1, 0).at(0));
  report.counts = {.read = 10, .succeeded = 7, .rejected = 3};
  acknowledge(report);
  pause(id);
  resume(id);
  EXPECT_EQ(job(id).limits_from_read, 0U);
}

}  // namespace freight::testing
