#pragma once

// What a retry of an ended job takes: batches that were given up, rejects, or both.

#include <string>
#include <vector>

#include "freight/testing/storage/replay_fixture.hpp"

namespace freight::testing {

class RetrySuite : public ReplayFixture {
 protected:
  /// Of three batches of 10 the second was given up; three records of the others were rejected.
  JobId failed_job() {
    const auto id = planned_job(3);
    for (const auto& task : claim(9, 0)) {
      if (task.sequence == 0) acknowledge(with_rejects(task, {reject(3), reject(4)}));
      if (task.sequence == 1) acknowledge(with_verdict(task, TaskVerdict::failed));
      if (task.sequence == 2) acknowledge(with_rejects(task, {reject(25)}));
    }
    end(JobStatus::failed);
    return id;
  }

  static void expect(const RetryResult& result, std::uint64_t batches, std::uint64_t records) {
    EXPECT_EQ(result.refusal, RetryRefusal::none);
    EXPECT_EQ(result.status, JobStatus::pending);
    EXPECT_EQ(result.batches_requeued, batches);
    EXPECT_EQ(result.records_requeued, records);
  }

  static constexpr RetryScope all_scopes[] = {RetryScope::failed_batches,
                                              RetryScope::rejected_records, RetryScope::all};
};

TEST_P(RetrySuite, FailedBatchesLeaveTheRejectsAsTheyAre) {
  const auto id = failed_job();
  expect(retry(id, RetryScope::failed_batches), 1, 0);
  EXPECT_EQ(job(id).batches_failed, 0U);
  const auto task = only_task(9, 9);
  EXPECT_EQ(task.sequence, 1U);
  EXPECT_EQ(task.batch_kind, BatchKind::planned);
  acknowledge(completed(task));
  end(JobStatus::completed_with_errors);
  EXPECT_EQ(job(id).records, (RecordCounts{.read = 30, .succeeded = 27, .rejected = 3}));
  EXPECT_EQ(ordinals(id, {.state = DeadLetterState::open}), (Ordinals{3, 4, 25}));
  EXPECT_TRUE(job(id).passes.empty());
  expect_sums_agree(id);
}

TEST_P(RetrySuite, RejectedRecordsLeaveTheFailedBatchAsItIs) {
  const auto id = failed_job();
  expect(retry(id, RetryScope::rejected_records), 0, 3);
  EXPECT_EQ(job(id).batches_failed, 1U);
  const auto task = only_task(9, 9);
  EXPECT_EQ(task.batch_kind, BatchKind::replay);
  EXPECT_EQ(ordinals_of(work().list_replay_records(tenant_, id, task.sequence)),
            (Ordinals{3, 4, 25}));
  acknowledge(completed(task));
  end(JobStatus::failed);
  EXPECT_EQ(job(id).records, (RecordCounts{.read = 20, .succeeded = 20}));
  EXPECT_EQ(job(id).batches_failed, 1U);
  EXPECT_EQ(batches(id).at(1).status, BatchStatus::failed);
  EXPECT_TRUE(batches(id).at(1).error.has_value());
  EXPECT_EQ(job(id).passes.size(), 2U);
  expect(retry(id, RetryScope::all), 1, 0);
}

TEST_P(RetrySuite, AllTakesBothAtOnce) {
  const auto id = failed_job();
  expect(retry(id, RetryScope::all), 1, 3);
  const auto again = claim(9, 9);
  ASSERT_EQ(again.size(), 2U);
  EXPECT_EQ(again[0].sequence, 1U);
  EXPECT_EQ(again[1].batch_kind, BatchKind::replay);
  for (const auto& task : again) acknowledge(completed(task));
  end(JobStatus::completed);
  EXPECT_EQ(job(id).records, (RecordCounts{.read = 30, .succeeded = 30}));
  expect_sums_agree(id);
}

TEST_P(RetrySuite, OfAJobThatCompletedTheRejectsAreTaken) {
  for (const auto scope : {RetryScope::rejected_records, RetryScope::all}) {
    const auto id = ended_job(2, {reject(3), reject(14)});
    EXPECT_EQ(retry(id, RetryScope::failed_batches).refusal, RetryRefusal::nothing_to_retry);
    expect(retry(id, scope), 0, 2);
    acknowledge(completed(only_task(9, 9)));
    end(JobStatus::completed);
    EXPECT_EQ(job(id).records.succeeded, 20U);
  }
}

TEST_P(RetrySuite, NothingToDoIsAValueAndChangesNothing) {
  const auto completed_job = ended_job(1, {});
  const auto discarded = ended_job(1, {reject(3)});
  EXPECT_EQ(jobs().discard(tenant_, discarded, {}), 1U);
  const auto running = planned_job(1);
  for (const auto scope : all_scopes) {
    for (const auto id : {completed_job, discarded}) {
      const auto before = job(id);
      const auto result = retry(id, scope);
      EXPECT_EQ(result.refusal, RetryRefusal::nothing_to_retry) << to_string(scope);
      EXPECT_EQ(result.status, before.status);
      EXPECT_EQ(job(id).status, before.status);
      EXPECT_EQ(job(id).updated_at, before.updated_at);
    }
    EXPECT_EQ(retry(running, scope).refusal, RetryRefusal::not_ended);
    EXPECT_EQ(code_of([&] { retry(JobId::generate(), scope); }), Code::not_found);
  }
  EXPECT_EQ(claim(9, 9).size(), 1U);
}

TEST_P(RetrySuite, OfTheSameCallTwiceTheSecondFindsTheJobAtWork) {
  const auto id = failed_job();
  expect(retry(id, RetryScope::all), 1, 3);
  const auto again = retry(id, RetryScope::all);
  EXPECT_EQ(again.refusal, RetryRefusal::not_ended);
  EXPECT_EQ(again.records_requeued, 0U);
  EXPECT_EQ(claim(9, 9).size(), 2U);
}

TEST_P(RetrySuite, TheRejectsOfAJobThatEndedEarlyAreRetriedWithTheRest) {
  const auto id = planned_job(3);
  acknowledge(with_rejects(claim(1, 0).at(0), {reject(3)}));
  EXPECT_EQ(jobs().cancel(tenant_, id).status, JobStatus::cancelled);
  EXPECT_EQ(retry(id, RetryScope::rejected_records).refusal, RetryRefusal::job_incomplete);
  EXPECT_EQ(job(id).status, JobStatus::cancelled);
  expect(retry(id, RetryScope::all), 2, 1);
  EXPECT_EQ(claim(9, 9).size(), 3U);
}

TEST_P(RetrySuite, WhatWasNotPlannedYetIsPlannedOn) {
  const auto id = submit();
  auto begun = chunk(claim(0, 1).at(0), 0, 1, false);
  begun.keep_lease = false;
  work().append_plan(begun);
  acknowledge(with_rejects(claim(1, 0).at(0), {reject(3)}));
  EXPECT_EQ(jobs().cancel(tenant_, id).status, JobStatus::cancelled);
  expect(retry(id, RetryScope::all), 0, 1);
  const auto again = claim(9, 9);
  ASSERT_EQ(again.size(), 2U);
  for (const auto& task : again) {
    if (task.kind == TaskKind::plan) {
      EXPECT_EQ(task.plan_position, "v1:1");
    } else {
      EXPECT_EQ(task.batch_kind, BatchKind::replay);
    }
  }
}

TEST_P(RetrySuite, ReplayedRecordsComeInBatchesOfTheSizeAskedFor) {
  std::vector<RecordException> rejects;
  for (std::uint64_t ordinal = 0; ordinal < 30; ++ordinal) rejects.push_back(reject(ordinal));
  const auto id = ended_job(3, rejects);
  expect(jobs().retry({.tenant_id = tenant_, .job_id = id, .max_records = 20}), 0, 30);
  EXPECT_EQ(claim(9, 9).size(), 2U);
}

TEST_P(RetrySuite, AJobThatRestartsIsDoneAnewWithItsRejects) {
  const auto id = JobId::generate();
  auto request = new_job(tenant_);
  request.restarts = true;
  jobs().submit(id, request);
  work().append_plan(chunk(claim(0, 1).at(0), 0, 2, true));
  const auto tasks = claim(9, 0);
  acknowledge(with_rejects(tasks.at(0), {reject(3)}));
  acknowledge(with_verdict(tasks.at(1), TaskVerdict::failed));
  end(JobStatus::failed);
  expect(retry(id, RetryScope::all), 2, 0);
  EXPECT_EQ(job(id).records, RecordCounts());
  EXPECT_TRUE(letters(id).empty());
  EXPECT_EQ(claim(9, 9).size(), 2U);
}

}  // namespace freight::testing
