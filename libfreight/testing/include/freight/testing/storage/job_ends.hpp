#pragma once

// How a job ends, and how what is left of it is tried again.

#include <string>
#include <vector>

#include "freight/testing/storage/storage_fixture.hpp"

namespace freight::testing {

class JobEndSuite : public StorageSuite {};

TEST_P(JobEndSuite, AJobIsFailedFromOutsideAndItsWorkCancelled) {
  const auto id = planned_job(3);
  const auto tasks = claim(2, 0);
  acknowledge(completed(tasks[0]));
  FinishReport end{
      .token = std::nullopt,
      .tenant_id = tenant_,
      .job_id = id,
      .status = JobStatus::failed,
      .error = Failure{.code = Code::all_rejected,
                       .category = Category::limit,
                       .message = "all of them",
                       .details = {.hint = "look at the rejects", .sqlstate = "23505"}}};
  EXPECT_TRUE(work().finish_job(end));
  EXPECT_FALSE(work().finish_job(end));
  const auto found = job(id);
  EXPECT_EQ(found.status, JobStatus::failed);
  EXPECT_EQ(found.error->code, Code::all_rejected);
  EXPECT_EQ(found.error->category, Category::limit);
  EXPECT_EQ(found.error->message, "all of them");
  EXPECT_EQ(found.error->details.hint, "look at the rejects");
  EXPECT_EQ(found.error->details.sqlstate, "23505");
  const auto all = batches(id);
  EXPECT_EQ(all[0].status, BatchStatus::completed);
  EXPECT_EQ(all[1].status, BatchStatus::cancelled);
  EXPECT_EQ(all[2].status, BatchStatus::cancelled);
  EXPECT_EQ(acknowledge(completed(tasks[1])).lost.size(), 1U)
      << "a zombie that reports after the end changes nothing";
  EXPECT_EQ(job(id).records.read, 10U);
  EXPECT_TRUE(claim(9, 9).empty());
}

TEST_P(JobEndSuite, OnlyLegalEndsAreWritten) {
  const auto id = submit();
  FinishReport end{.token = std::nullopt, .tenant_id = tenant_, .job_id = id};
  for (const auto status : {JobStatus::completed, JobStatus::running, JobStatus::paused}) {
    end.status = status;
    if (can_transition(JobStatus::pending, status)) continue;
    EXPECT_EQ(code_of([&] { work().finish_job(end); }), Code::invalid_state);
  }
  end.status = JobStatus::cancelled;
  EXPECT_TRUE(work().finish_job(end));
}

TEST_P(JobEndSuite, SeveralJobsAreEndedAtOnce) {
  const auto first = planned_job(2);
  const auto second = planned_job(1);
  const auto ended = submit();
  const FinishReport end_of_ended{.token = std::nullopt,
                                  .tenant_id = tenant_,
                                  .job_id = ended,
                                  .status = JobStatus::failed,
                                  .error = Failure{}};
  ASSERT_TRUE(work().finish_job(end_of_ended));
  const auto tasks = claim(3, 0);
  ASSERT_EQ(tasks.size(), 3U);
  auto end = end_of_ended;
  end.job_id = first;
  end.warnings = {"look here"};
  auto other = end;
  other.job_id = second;
  other.token = LeaseToken::generate();
  auto held = other;
  for (const auto& task : tasks) {
    if (task.job_id == second) held.token = task.token;
  }
  held.warnings.clear();
  const std::vector<FinishReport> reports{end, end_of_ended, other, end, held};
  EXPECT_EQ(work().finish_jobs(reports), (std::vector<bool>{true, false, false, false, true}));
  EXPECT_EQ(job(first).status, JobStatus::failed);
  EXPECT_EQ(job(first).warnings, std::vector<std::string>{"look here"});
  EXPECT_EQ(job(second).status, JobStatus::failed);
  EXPECT_EQ(batches(first)[1].status, BatchStatus::cancelled);
  EXPECT_TRUE(claim(9, 9).empty());
  EXPECT_TRUE(work().finish_jobs({}).empty());
}

TEST_P(JobEndSuite, OfSeveralEndsNoneIsWrittenWhenOneIsIllegal) {
  const auto good = planned_job(1);
  const auto bad = planned_job(1);
  FinishReport end{.token = std::nullopt,
                   .tenant_id = tenant_,
                   .job_id = good,
                   .status = JobStatus::failed,
                   .error = Failure{}};
  auto illegal = end;
  illegal.job_id = bad;
  illegal.status = JobStatus::running;
  const std::vector<FinishReport> reports{end, illegal};
  EXPECT_EQ(code_of([&] { work().finish_jobs(reports); }), Code::invalid_state);
  EXPECT_FALSE(is_final(job(good).status));
  EXPECT_FALSE(is_final(job(bad).status));
}

TEST_P(JobEndSuite, RequeueBringsBackWhatIsPending) {
  const auto id = planned_job(4);
  const auto tasks = claim(2, 0);
  acknowledge(completed(tasks[0]));
  acknowledge(with_verdict(tasks[1], TaskVerdict::failed));
  EXPECT_EQ(retry(id).refusal, RetryRefusal::not_ended) << "a running job stays as it is";
  work().finish_job({.token = std::nullopt,
                     .tenant_id = tenant_,
                     .job_id = id,
                     .status = JobStatus::failed,
                     .error = Failure{}});
  const auto result = retry(id);
  EXPECT_EQ(result.refusal, RetryRefusal::none);
  EXPECT_EQ(result.batches_requeued, 3U);
  EXPECT_EQ(retry(id).refusal, RetryRefusal::not_ended);
  auto found = job(id);
  EXPECT_EQ(found.status, JobStatus::pending);
  EXPECT_EQ(found.error, std::nullopt);
  EXPECT_EQ(found.finished_at, std::nullopt);
  EXPECT_EQ(found.reconciliation, "");
  EXPECT_EQ(found.batches_failed, 0U);
  const auto again = claim(9, 9);
  ASSERT_EQ(again.size(), 3U);
  EXPECT_EQ(again[0].attempt, 1U);
  EXPECT_EQ(again[0].sequence, 1U);
  for (const auto& task : again) acknowledge(completed(task));
  work().finish_job(finish(claim(0, 1).at(0)));
  found = job(id);
  EXPECT_EQ(found.status, JobStatus::completed);
  EXPECT_EQ(found.records.read, 40U);
  EXPECT_EQ(found.batches_completed, 4U);
  EXPECT_EQ(found.retries, 1U) << "one batch was answered twice";
}

TEST_P(JobEndSuite, AnEndFromOutsideIsOfTheRunThatItNames) {
  const auto id = planned_job(1);
  acknowledge(with_verdict(claim(1, 0).at(0), TaskVerdict::failed));
  work().finish_job(finish(claim(0, 1).at(0), JobStatus::failed));
  FinishReport end{.token = std::nullopt,
                   .tenant_id = tenant_,
                   .job_id = id,
                   .run_number = job(id).run_number,
                   .status = JobStatus::failed,
                   .error = Failure{}};
  EXPECT_EQ(end.run_number, 1U);
  EXPECT_EQ(retry(id).refusal, RetryRefusal::none);
  EXPECT_FALSE(work().finish_job(end)) << "it came late: the job was taken up again";
  EXPECT_EQ(job(id).status, JobStatus::pending);
  EXPECT_EQ(job(id).run_number, 2U);
  EXPECT_EQ(claim(9, 9).size(), 1U);
  end.run_number = 2;
  EXPECT_TRUE(work().finish_job(end));
  EXPECT_EQ(job(id).status, JobStatus::failed);
}

TEST_P(JobEndSuite, RequeueGoesOnWithThePlanWhereItStopped) {
  const auto id = submit();
  work().append_plan(chunk(claim(0, 1).at(0), 0, 1, false));
  acknowledge(completed(claim(1, 0).at(0)));
  work().finish_job(
      {.token = std::nullopt, .tenant_id = tenant_, .job_id = id, .status = JobStatus::cancelled});
  EXPECT_EQ(retry(id).refusal, RetryRefusal::none);
  const auto tasks = claim(9, 9);
  ASSERT_EQ(tasks.size(), 1U);
  EXPECT_EQ(tasks[0].kind, TaskKind::plan);
  EXPECT_EQ(tasks[0].plan_position, "v1:1");
  work().append_plan(chunk(tasks[0], 1, 1, true));
  acknowledge(completed(claim(1, 0).at(0)));
  EXPECT_TRUE(work().finish_job(finish(claim(0, 1).at(0))));
}

TEST_P(JobEndSuite, RequeueFinishesAgainWhenOnlyTheFinishFailed) {
  const auto id = planned_job(1);
  acknowledge(completed(claim(1, 0).at(0)));
  work().finish_job(finish(claim(0, 1).at(0), JobStatus::failed));
  const auto result = retry(id);
  EXPECT_EQ(result.refusal, RetryRefusal::none);
  EXPECT_EQ(result.batches_requeued, 0U);
  const auto tasks = claim(9, 9);
  ASSERT_EQ(tasks.size(), 1U);
  EXPECT_EQ(tasks[0].kind, TaskKind::finish);
  EXPECT_EQ(job(id).status, JobStatus::running);
}

TEST_P(JobEndSuite, ABatchThatWasGivenUpIsRetriedAlone) {
  const auto id = planned_job(2);
  const auto tasks = claim(2, 0);
  acknowledge(with_verdict(tasks[0], TaskVerdict::failed));
  EXPECT_EQ(jobs().retry_batch(tenant_, tasks[1].batch_id).refusal, BatchRetryRefusal::not_failed);
  acknowledge(completed(tasks[1]));
  EXPECT_EQ(jobs().retry_batch(tenant_, tasks[1].batch_id).refusal, BatchRetryRefusal::not_failed);

  // While the job runs: the finish that was queued waits for the batch.
  const auto running = jobs().retry_batch(tenant_, tasks[0].batch_id);
  EXPECT_EQ(running.refusal, BatchRetryRefusal::none);
  EXPECT_EQ(running.job_status, JobStatus::running);
  EXPECT_EQ(job(id).batches_failed, 0U);
  auto again = claim(9, 9);
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].batch_id, tasks[0].batch_id);
  EXPECT_EQ(again[0].attempt, 1U);
  acknowledge(with_verdict(again[0], TaskVerdict::failed));

  // Of a job that ended: it is pending again.
  const auto last = claim(9, 9);
  ASSERT_EQ(last.size(), 1U);
  EXPECT_EQ(jobs().retry_batch(tenant_, tasks[0].batch_id).refusal, BatchRetryRefusal::job_ending);
  work().finish_job(finish(last[0], JobStatus::failed));
  const auto ended = jobs().retry_batch(tenant_, tasks[0].batch_id);
  EXPECT_EQ(ended.refusal, BatchRetryRefusal::none);
  EXPECT_EQ(ended.job_id, id);
  EXPECT_EQ(ended.job_status, JobStatus::pending);
  EXPECT_EQ(ended.batch_status, BatchStatus::ready);
  again = claim(9, 9);
  ASSERT_EQ(again.size(), 1U);
  acknowledge(completed(again[0]));
  EXPECT_EQ(claim(9, 9).at(0).kind, TaskKind::finish);
}

TEST_P(JobEndSuite, ABatchOfAJobThatEndedEarlyIsRetriedWithTheJob) {
  const auto id = planned_job(3);
  const auto tasks = claim(2, 0);
  acknowledge(with_verdict(tasks[0], TaskVerdict::failed));
  work().finish_job(finish(tasks[1], JobStatus::failed));
  const auto refused = jobs().retry_batch(tenant_, tasks[0].batch_id);
  EXPECT_EQ(refused.refusal, BatchRetryRefusal::job_incomplete);
  EXPECT_EQ(refused.job_status, JobStatus::failed);
  EXPECT_EQ(job(id).status, JobStatus::failed);
  const auto other = storage_->tenants().create({.name = "other"}).id;
  EXPECT_EQ(code_of([&] { jobs().retry_batch(other, tasks[0].batch_id); }), Code::not_found);
}

}  // namespace freight::testing
