#pragma once

// What workers say of their batches, and what the job makes of it.

#include <string>
#include <thread>
#include <vector>

#include "freight/testing/storage/storage_fixture.hpp"

namespace freight::testing {

class AcknowledgementSuite : public StorageSuite {};

TEST_P(AcknowledgementSuite, AcknowledgeWritesFactsAndCountersAndClaimsTheNext) {
  const auto id = planned_job(3);
  const auto tasks = claim(2, 0);
  std::vector<BatchReport> reports;
  reports.reserve(tasks.size());
  for (const auto& task : tasks) reports.push_back(completed(task));
  reports[0].counts = {
      .read = 10, .succeeded = 6, .rejected = 1, .skipped = 1, .filtered = 2, .with_warnings = 1};
  reports[0].written = {.inserted = 4, .updated = 1, .unchanged = 1};
  const auto result = work().acknowledge(reports, request(5, 5));
  EXPECT_TRUE(result.lost.empty());
  ASSERT_EQ(result.claimed.size(), 1U);
  EXPECT_EQ(result.claimed[0].sequence, 2U);

  const auto found = job(id);
  EXPECT_EQ(found.records, (RecordCounts{.read = 20,
                                         .succeeded = 16,
                                         .rejected = 1,
                                         .skipped = 1,
                                         .filtered = 2,
                                         .with_warnings = 1}));
  EXPECT_EQ(found.written, (WrittenCounts{.inserted = 14, .updated = 1, .unchanged = 1}));
  EXPECT_EQ(found.bytes_read, 200U);
  EXPECT_EQ(found.batches_completed, 2U);
  EXPECT_EQ(found.batch_attempts, 2U);
  EXPECT_EQ(found.retries, 0U);
  const auto all = batches(id);
  EXPECT_EQ(all[0].status, BatchStatus::completed);
  EXPECT_EQ(all[0].attempts, 1U);
  EXPECT_EQ(all[0].counts.rejected, 1U);
  EXPECT_EQ(all[0].started_at, Timestamp(std::chrono::microseconds(1)));
  EXPECT_TRUE(all[0].finished_at.has_value());
  EXPECT_EQ(all[2].status, BatchStatus::leased);
  EXPECT_EQ(work().sum_batches(tenant_, id), found.records);
}

TEST_P(AcknowledgementSuite, TheLastBatchBringsTheFinishInTheSameTransaction) {
  const auto id = planned_job(2);
  const auto tasks = claim(2, 0);
  acknowledge(completed(tasks[0]));
  EXPECT_TRUE(claim(0, 1).empty());
  const auto report = completed(tasks[1]);
  const auto result = work().acknowledge({&report, 1}, request(1, 1));
  ASSERT_EQ(result.claimed.size(), 1U);
  EXPECT_EQ(result.claimed[0].kind, TaskKind::finish);
  auto end = finish(result.claimed[0], JobStatus::completed_with_errors);
  end.warnings = {"w"};
  EXPECT_TRUE(work().finish_job(end));
  const auto found = job(id);
  EXPECT_EQ(found.status, JobStatus::completed_with_errors);
  EXPECT_EQ(found.reconciliation, R"({"status":"verified"})");
  EXPECT_EQ(found.warnings, (std::vector<std::string>{"w"}));
  EXPECT_TRUE(found.finished_at.has_value());
  EXPECT_EQ(queued(), 0U);
  EXPECT_FALSE(work().finish_job(end)) << "it has ended already";
}

TEST_P(AcknowledgementSuite, AReportCountsOnce) {
  const auto id = planned_job(2);
  const auto task = claim(1, 0).at(0);
  const auto report = completed(task);
  const std::vector<BatchReport> twice{report, report};
  EXPECT_TRUE(work().acknowledge(twice, request(0, 0)).lost.empty());
  EXPECT_EQ(acknowledge(report).lost, (std::vector<LeaseToken>{task.token}));
  EXPECT_EQ(job(id).records.read, 10U);
  EXPECT_EQ(job(id).batches_completed, 1U);
}

TEST_P(AcknowledgementSuite, ACountedRetryComesBackAtItsTimeAsTheNextAttempt) {
  const auto id = planned_job(1);
  const auto first = claim(1, 0).at(0);
  EXPECT_TRUE(acknowledge(with_verdict(first, TaskVerdict::retry, soon)).lost.empty());
  EXPECT_TRUE(claim(1, 0).empty());
  std::this_thread::sleep_for(soon);
  const auto second = claim(1, 0).at(0);
  EXPECT_EQ(second.attempt, 2U);
  EXPECT_EQ(second.first_attempt_at, first.first_attempt_at);
  EXPECT_EQ(batches(id).at(0).error->message, "connection refused");
  acknowledge(completed(second));
  const auto found = job(id);
  EXPECT_EQ(found.batch_attempts, 2U);
  EXPECT_EQ(found.retries, 1U);
  EXPECT_EQ(found.waiting_on, std::nullopt);
  EXPECT_EQ(batches(id).at(0).attempts, 2U);
  EXPECT_EQ(batches(id).at(0).error, std::nullopt);
}

TEST_P(AcknowledgementSuite, AnOutageIsNotAnAttemptAndTheJobSaysWhatItWaitsFor) {
  const auto id = planned_job(2);
  auto tasks = claim(2, 0);
  acknowledge(with_verdict(tasks[0], TaskVerdict::retry, milliseconds(0), false));
  const auto since = job(id).waiting_on->since;
  EXPECT_EQ(job(id).waiting_on->code, Code::destination_unavailable);
  EXPECT_EQ(job(id).waiting_on->message, "connection refused");
  const auto again = claim(2, 0).at(0);
  EXPECT_EQ(again.attempt, 1U);
  std::this_thread::sleep_for(milliseconds(5));
  acknowledge(with_verdict(again, TaskVerdict::retry, milliseconds(5000), false));
  EXPECT_EQ(job(id).waiting_on->since, since) << "of several in a row the first one's";
  EXPECT_GT(job(id).waiting_on->next_attempt_at, since + milliseconds(4900));
  acknowledge(completed(tasks[1]));
  EXPECT_EQ(job(id).waiting_on, std::nullopt);
  EXPECT_EQ(job(id).batch_attempts, 1U);
  EXPECT_EQ(job(id).retries, 0U);
}

TEST_P(AcknowledgementSuite, AReleasedBatchIsAsItWas) {
  const auto id = planned_job(1);
  const auto logged = log(id).size();
  const auto task = claim(1, 0).at(0);
  acknowledge(with_verdict(task, TaskVerdict::release));
  const auto again = claim(1, 0);
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].attempt, 1U);
  EXPECT_EQ(job(id).batch_attempts, 0U);
  EXPECT_EQ(batches(id).at(0).attempts, 0U);
  EXPECT_EQ(batches(id).at(0).error, std::nullopt);
  EXPECT_EQ(log(id).size(), logged);
}

TEST_P(AcknowledgementSuite, AFailedBatchLeavesTheQueueAndTheJobGoesOn) {
  const auto id = planned_job(2);
  const auto tasks = claim(2, 0);
  acknowledge(with_verdict(tasks[0], TaskVerdict::failed));
  EXPECT_EQ(job(id).batches_failed, 1U);
  EXPECT_EQ(batches(id).at(0).status, BatchStatus::failed);
  EXPECT_EQ(batches(id).at(0).error->code, Code::destination_unavailable);
  acknowledge(completed(tasks[1]));
  const auto end = claim(0, 1);
  ASSERT_EQ(end.size(), 1U);
  EXPECT_EQ(end[0].kind, TaskKind::finish);
}

TEST_P(AcknowledgementSuite, ABatchThatNeverBeganHasNoMomentAtWhichItDid) {
  const auto id = planned_job(1);
  auto report = with_verdict(claim(1, 0).at(0), TaskVerdict::failed);
  report.started_at = {};
  acknowledge(report);
  EXPECT_EQ(batches(id).at(0).started_at, std::nullopt);
}

}  // namespace freight::testing
