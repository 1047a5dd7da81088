#pragma once

// What the planner of a job writes.

#include <string>
#include <thread>
#include <vector>

#include "freight/testing/storage/storage_fixture.hpp"

namespace freight::testing {

class PlanSuite : public StorageSuite {};

TEST_P(PlanSuite, ThePlanIsWrittenInChunksAndResumedWhereItStopped) {
  const auto id = submit();
  auto task = claim(0, 1).at(0);
  auto first = chunk(task, 0, 2, false);
  first.fingerprint = "print";
  first.bytes_total = 5'000'000'000;
  first.source_count = 30;
  first.destination_count_before = 4;
  first.warnings = {{"careful"}};
  first.source_fields = {{"id", "email"}};
  first.unmapped_columns = {{"a"}};
  first.unfilled_columns = {{"b", "c"}};
  EXPECT_EQ(work().append_plan(first).batches_queued, 2U);
  auto second = chunk(task, 2, 1, false);
  second.keep_lease = false;
  EXPECT_EQ(work().append_plan(second).batches_queued, 3U);
  EXPECT_TRUE(work().append_plan(chunk(task, 3, 1, true)).lost) << "the lease was handed back";

  task = claim(0, 1).at(0);
  EXPECT_EQ(task.kind, TaskKind::plan);
  EXPECT_EQ(task.plan_position, "v1:3");
  work().append_plan(chunk(task, 3, 1, true));
  const auto found = job(id);
  EXPECT_TRUE(found.planned);
  EXPECT_EQ(found.records_planned, 40U);
  EXPECT_EQ(found.bytes_planned, 400U);
  EXPECT_EQ(found.batches_total, 4U);
  EXPECT_EQ(found.fingerprint, "print");
  EXPECT_EQ(found.bytes_total, 5'000'000'000U);
  EXPECT_EQ(found.source_count, 30U);
  EXPECT_EQ(found.destination_count_before, 4U);
  EXPECT_EQ(found.warnings, (std::vector<std::string>{"careful"}));
  EXPECT_EQ(found.source_fields, (std::vector<std::string>{"id", "email"}));
  EXPECT_EQ(found.unmapped_columns, (std::vector<std::string>{"a"}));
  EXPECT_EQ(found.unfilled_columns, (std::vector<std::string>{"b", "c"}));
  EXPECT_TRUE(claim(0, 1).empty()) << "planning is over, finishing has not begun";
  const auto all = batches(id);
  ASSERT_EQ(all.size(), 4U);
  EXPECT_EQ(all[3].sequence, 3U);
  EXPECT_EQ(all[3].first_ordinal, 30U);
}

TEST_P(PlanSuite, APlanTaskThatIsHandedBackWaitsForItsTime) {
  submit();
  auto report = chunk(claim(0, 1).at(0), 0, 1, false);
  report.keep_lease = false;
  report.resume_in = soon;
  work().append_plan(report);
  EXPECT_TRUE(claim(0, 1).empty());
  std::this_thread::sleep_for(soon);
  EXPECT_EQ(claim(0, 1).size(), 1U);
}

TEST_P(PlanSuite, AChunkThatIsWrittenTwiceCountsOnce) {
  const auto id = submit();
  const auto task = claim(0, 1).at(0);
  work().append_plan(chunk(task, 0, 2, false));
  EXPECT_FALSE(work().append_plan(chunk(task, 0, 2, false)).lost);
  EXPECT_EQ(job(id).batches_total, 2U);
  work().append_plan(chunk(task, 2, 1, true));
  EXPECT_FALSE(work().append_plan(chunk(task, 2, 1, true)).lost);
  EXPECT_EQ(job(id).batches_total, 3U);
  EXPECT_EQ(job(id).records_planned, 30U);
}

TEST_P(PlanSuite, APlanHasNeitherGapNorOverlapNorEmptyBatch) {
  submit();
  const auto task = claim(0, 1).at(0);
  EXPECT_EQ(code_of([&] { work().append_plan(chunk(task, 1, 1, false)); }), Code::connector_failed);
  EXPECT_EQ(code_of([&] { work().append_plan(chunk(task, 0, 1, false, 0)); }),
            Code::connector_failed);
  EXPECT_TRUE(claim(9, 0).empty());
}

TEST_P(PlanSuite, AJobWithoutRecordsGoesStraightToItsFinish) {
  const auto id = planned_job(0);
  const auto tasks = claim(9, 9);
  ASSERT_EQ(tasks.size(), 1U);
  EXPECT_EQ(tasks[0].kind, TaskKind::finish);
  EXPECT_TRUE(work().finish_job(finish(tasks[0])));
  EXPECT_EQ(job(id).status, JobStatus::completed);
}

TEST_P(PlanSuite, ABatchCarriesItsRange) {
  const auto id = submit();
  auto report = chunk(claim(0, 1).at(0), 0, 1, true);
  report.ranges[0].first_line = 3'000'000'000;
  report.ranges[0].byte_offset = 5'000'000'000;
  report.ranges[0].locator = "page=7&'\"";
  work().append_plan(report);
  const auto task = claim(1, 0).at(0);
  EXPECT_EQ(task.job_id, id);
  EXPECT_EQ(task.range.first_ordinal, 0U);
  EXPECT_EQ(task.range.records, 10U);
  EXPECT_EQ(task.range.byte_offset, 5'000'000'000U);
  EXPECT_EQ(task.range.byte_length, 100U);
  EXPECT_EQ(task.range.first_line, 3'000'000'000U);
  EXPECT_EQ(task.range.locator, "page=7&'\"");
  EXPECT_EQ(task.range.content_hash, "hash0");
}

TEST_P(PlanSuite, TheFinishWaitsForThePlanToEnd) {
  submit();
  const auto plan = claim(0, 1).at(0);
  work().append_plan(chunk(plan, 0, 1, false));
  acknowledge(completed(claim(1, 0).at(0)));
  EXPECT_TRUE(claim(0, 1).empty());
  auto last = chunk(plan, 1, 0, true);
  last.position = "v1:end";
  work().append_plan(last);
  const auto tasks = claim(0, 1);
  ASSERT_EQ(tasks.size(), 1U);
  EXPECT_EQ(tasks[0].kind, TaskKind::finish);
}

TEST_P(PlanSuite, RetryTaskHandsAPlanBack) {
  const auto id = submit();
  const auto task = claim(0, 1).at(0);
  TaskRetry retry{.token = task.token,
                  .tenant_id = tenant_,
                  .job_id = id,
                  .failure = Failure{.code = Code::source_unavailable, .message = "gone"},
                  .retry_in = soon,
                  .counted = false};
  EXPECT_FALSE(work().retry_task(retry).lost);
  EXPECT_TRUE(work().retry_task(retry).lost) << "the lease went with the first";
  EXPECT_EQ(job(id).waiting_on->code, Code::source_unavailable);
  EXPECT_TRUE(claim(0, 1).empty());
  std::this_thread::sleep_for(soon);
  auto again = claim(0, 1).at(0);
  EXPECT_EQ(again.attempt, 1U);
  retry.token = again.token;
  retry.counted = true;
  retry.retry_in = milliseconds(0);
  EXPECT_FALSE(work().retry_task(retry).lost);
  again = claim(0, 1).at(0);
  EXPECT_EQ(again.attempt, 2U);
  work().append_plan(chunk(again, 0, 1, false));
  EXPECT_EQ(job(id).waiting_on, std::nullopt) << "a chunk of the plan clears it";
}

TEST_P(PlanSuite, APlanThatIsHandedBackUntouchedIsReadyAtOnceAndSaysNothing) {
  const auto id = submit();
  const auto task = claim(0, 1).at(0);
  EXPECT_FALSE(work().retry_task({.token = task.token, .tenant_id = tenant_, .job_id = id}).lost);
  EXPECT_EQ(job(id).waiting_on, std::nullopt);
  EXPECT_EQ(claim(0, 1).at(0).attempt, 1U);
}

TEST_P(PlanSuite, APlannerThatLostItsLeaseChangesNothing) {
  const auto id = submit();
  auto ask = request(0, 1);
  ask.lease = milliseconds(1);
  const auto old = work().claim(ask).at(0);
  std::this_thread::sleep_for(milliseconds(20));
  const auto now = claim(0, 1).at(0);
  EXPECT_TRUE(work().append_plan(chunk(old, 0, 1, true)).lost);
  EXPECT_TRUE(work().retry_task({.token = old.token, .tenant_id = tenant_, .job_id = id}).lost);
  EXPECT_FALSE(work().finish_job(finish(old, JobStatus::failed)));
  EXPECT_EQ(job(id).batches_total, 0U);
  EXPECT_FALSE(work().append_plan(chunk(now, 0, 1, true)).lost);
}

TEST_P(PlanSuite, PlanningAndWritingGoOnAtTheSameTime) {
  const auto id = submit();
  const auto plan = claim(0, 1).at(0);
  std::thread planner([&] {
    for (std::uint64_t i = 0; i < 30; ++i) work().append_plan(chunk(plan, i, 1, i == 29));
  });
  std::uint64_t done = 0;
  std::vector<Task> tasks;
  for (int idle = 0; done < 30 && idle < 2000;) {
    std::vector<BatchReport> reports;
    reports.reserve(tasks.size());
    for (const auto& task : tasks) reports.push_back(completed(task));
    done += tasks.size();
    tasks = work().acknowledge(reports, request(3, 0)).claimed;
    if (!tasks.empty()) continue;
    ++idle;
    std::this_thread::sleep_for(milliseconds(2));
  }
  planner.join();
  EXPECT_EQ(done, 30U);
  EXPECT_EQ(job(id).records.read, 300U);
  EXPECT_EQ(claim(0, 1).size(), 1U) << "whoever was last brought the finish";
}

TEST_P(PlanSuite, AJobThatComesWithItsPlanHasItsBatchReadyAtOnce) {
  auto submitted = new_job(tenant_);
  submitted.fingerprint = "print";
  submitted.plan = {.batch = {.records = 7, .byte_length = 70, .content_hash = "hash"},
                    .bytes_total = 70,
                    .source_count = 7,
                    .source_fields = {"id"},
                    .warnings = {"careful"}};
  const std::vector<JobSubmission> both{{JobId::generate(), submitted},
                                        {JobId::generate(), new_job(tenant_)}};
  jobs().submit_many(both);
  jobs().submit_many(both);
  const auto found = job(both[0].id);
  EXPECT_TRUE(found.planned);
  EXPECT_FALSE(found.described);
  EXPECT_EQ(found.records_planned, 7U);
  EXPECT_EQ(found.bytes_planned, 70U);
  EXPECT_EQ(found.batches_total, 1U);
  EXPECT_EQ(found.source_count, 7U);
  EXPECT_EQ(found.bytes_total, 70U);
  EXPECT_EQ(found.source_fields, (std::vector<std::string>{"id"}));
  EXPECT_EQ(found.warnings, (std::vector<std::string>{"careful"}));
  EXPECT_FALSE(job(both[1].id).planned);
  EXPECT_EQ(batches(both[0].id).size(), 1U);

  const auto plans = claim(0, 10);
  ASSERT_EQ(plans.size(), 1U) << "nothing of the first job is left to plan";
  EXPECT_EQ(plans[0].job_id, both[1].id);
  const auto tasks = claim(10, 0);
  ASSERT_EQ(tasks.size(), 1U);
  EXPECT_EQ(tasks[0].job_id, both[0].id);
  EXPECT_EQ(tasks[0].range.records, 7U);
  EXPECT_EQ(tasks[0].range.content_hash, "hash");
  if (const auto& told = tasks[0].job) {
    const auto now = job(both[0].id);
    EXPECT_EQ(told->status, JobStatus::running);
    EXPECT_EQ(told->spec, now.spec);
    EXPECT_EQ(told->fingerprint, "print");
    EXPECT_EQ(told->started_at, now.started_at);
    EXPECT_FALSE(told->described);
  }
  acknowledge(completed(tasks[0]));
  const auto finishes = claim(0, 10);
  ASSERT_EQ(finishes.size(), 1U);
  EXPECT_EQ(finishes[0].kind, TaskKind::finish);
  EXPECT_TRUE(work().finish_job(finish(finishes[0])));

  std::vector<std::string> events;
  for (const auto& entry : log(both[0].id)) events.push_back(entry.event);
  EXPECT_EQ(events.at(0), "job_submitted");
  EXPECT_EQ(events.at(1), "job_planned");
}

TEST_P(PlanSuite, WhatTheFirstNodeFindsOutOfAJobIsKept) {
  auto submitted = new_job(tenant_);
  submitted.plan = {.batch = {.records = 7}};
  const auto id = JobId::generate();
  jobs().submit(id, submitted);
  const JobDescription found{.destination_count_before = 4,
                             .warnings = {"careful"},
                             .source_fields = {"id", "email"},
                             .unmapped_columns = {"a"},
                             .unfilled_columns = {"b"}};
  work().describe_job(tenant_, id, found);
  work().describe_job(tenant_, id, {.destination_count_before = 11});
  const auto described = job(id);
  EXPECT_TRUE(described.described);
  EXPECT_EQ(described.destination_count_before, 4U) << "whoever comes later sees its own rows";
  EXPECT_EQ(described.warnings, found.warnings);
  EXPECT_EQ(described.source_fields, found.source_fields);
  EXPECT_EQ(described.unmapped_columns, found.unmapped_columns);
  EXPECT_EQ(described.unfilled_columns, found.unfilled_columns);

  const auto planned = planned_job(1);
  work().describe_job(tenant_, planned, found);
  EXPECT_TRUE(job(planned).source_fields.empty()) << "what the plan task said stands";
}

}  // namespace freight::testing
