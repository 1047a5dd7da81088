#pragma once

// Rejects beyond what is kept of each, and those that wait for a parent.

#include <string>
#include <vector>

#include "freight/testing/storage/replay_fixture.hpp"

namespace freight::testing {

/// Rejects beyond errors.max_stored, and those that a foreign key refused.
class RejectRangeSuite : public ReplayFixture {
 protected:
  static RecordException orphan(std::uint64_t ordinal) {
    auto exception = reject(ordinal, Code::foreign_key_violation, "parent");
    exception.errors[0].stage = Stage::write;
    return exception;
  }
};

TEST_P(RejectRangeSuite, BeyondMaxStoredRejectsAreCountedByCodeAsRanges) {
  const auto id = ended_job(
      1, {reject(1), reject(2), reject(3), reject(4), reject(6), reject(7, Code::required, "name")},
      2);
  EXPECT_EQ(ordinals(id), (Ordinals{1, 2}));
  const auto ranges = jobs().list_reject_ranges(tenant_, id, 0, 10);
  ASSERT_EQ(ranges.size(), 3U);
  EXPECT_EQ(ranges[0].first_ordinal, 3U);
  EXPECT_EQ(ranges[0].last_ordinal, 4U);
  EXPECT_EQ(ranges[0].code, Code::type_mismatch);
  EXPECT_EQ(ranges[2].column, "name");
  EXPECT_EQ(jobs().list_reject_ranges(tenant_, id, 5, 10).size(), 2U);
  EXPECT_EQ(job(id).records.rejected, 6U);

  const auto groups = jobs().summarise_rejects(tenant_, id, 10);
  ASSERT_EQ(groups.size(), 2U);
  EXPECT_EQ(groups[0].count, 5U);
  EXPECT_EQ(groups[0].example_line, 3U);
  EXPECT_EQ(groups[1].count, 1U);
  std::uint64_t counted = 0;
  for (const auto& count : jobs().count_dead_letters(tenant_, id)) counted += count.count;
  EXPECT_EQ(counted, 6U);
  const auto fate = jobs().find_record(tenant_, id, 4);
  ASSERT_TRUE(fate);
  EXPECT_EQ(fate->outcome, Outcome::rejected);
  EXPECT_EQ(fate->errors.at(0).code, Code::type_mismatch);
  EXPECT_EQ(jobs().find_record(tenant_, id, 5)->outcome, Outcome::succeeded);
}

TEST_P(RejectRangeSuite, AReplayTakesTheRangesToo) {
  const auto id = ended_job(1, {reject(1), reject(3), reject(4), reject(7, Code::required)}, 1);
  EXPECT_EQ(replay(id, {.code = Code::required}).records, 1U);
  auto task = only_task(10, 1);
  auto batch = work().list_replay_records(tenant_, id, task.sequence);
  ASSERT_EQ(ordinals_of(batch), (Ordinals{7}));
  EXPECT_EQ(batch.records[0].raw, "");
  acknowledge(with_rejects(task, {reject(7, Code::required)}));
  end(JobStatus::completed_with_errors);
  EXPECT_EQ(jobs().list_reject_ranges(tenant_, id, 0, 10).size(), 1U);
  // What was too much to be kept whole stays so.
  EXPECT_EQ(letters(id, {.code = Code::required}).at(0).raw, "");
  EXPECT_EQ(letters(id, {.code = Code::required}).at(0).line, 9U);

  EXPECT_EQ(replay(id).records, 4U);
  task = only_task(10, 1);
  acknowledge(completed(task));
  EXPECT_TRUE(jobs().list_reject_ranges(tenant_, id, 0, 10).empty());
  EXPECT_EQ(job(id).records.rejected, 0U);
  expect_sums_agree(id);
}

TEST_P(RejectRangeSuite, WhatAForeignKeyRefusedIsTriedAgainAsLongAsThatLetsOneIn) {
  const auto id = planned_job(2);
  const auto planned = claim(10, 0);
  ASSERT_EQ(planned.size(), 2U);
  acknowledge(with_rejects(planned[0], {orphan(1), orphan(2), orphan(3), reject(4)}));
  EXPECT_EQ(job(id).waiting_for_parents, 3U);
  acknowledge(completed(planned[1]));

  auto task = only_task(10, 1);
  EXPECT_EQ(task.batch_kind, BatchKind::foreign_keys);
  EXPECT_EQ(ordinals_of(work().list_replay_records(tenant_, id, task.sequence)),
            (Ordinals{1, 2, 3}));
  acknowledge(with_rejects(task, {orphan(1), orphan(2)}));
  EXPECT_EQ(job(id).waiting_for_parents, 2U);
  EXPECT_EQ(ordinals(id), (Ordinals{1, 2, 4}));

  task = only_task(10, 1);
  EXPECT_EQ(task.batch_kind, BatchKind::foreign_keys);
  acknowledge(with_rejects(task, {orphan(1), orphan(2)}));
  EXPECT_EQ(job(id).waiting_for_parents, 0U);
  end(JobStatus::completed_with_errors);

  const auto after = job(id);
  EXPECT_EQ(after.records.read, 20U);
  EXPECT_EQ(after.records.succeeded, 17U);
  EXPECT_EQ(after.records.rejected, 3U);
  EXPECT_EQ(after.retries, 0U);
  EXPECT_TRUE(after.passes.empty());
  expect_sums_agree(id);
  EXPECT_EQ(jobs().find_record(tenant_, id, 3)->outcome, Outcome::succeeded);
  EXPECT_EQ(jobs().find_record(tenant_, id, 3)->attempts, 2U);
  EXPECT_EQ(letters(id).at(0).attempts, 3U);

  // They wait for nobody any more: the replay of another record leaves them alone.
  EXPECT_EQ(replay(id, {.code = Code::type_mismatch}).records, 1U);
  acknowledge(completed(only_task(10, 1)));
  end(JobStatus::completed_with_errors);
}

TEST_P(RejectRangeSuite, WhatWaitsForAParentIsKeptBeyondMaxStoredWithoutItsText) {
  const auto id = planned_job(1);
  auto report = with_rejects(only_task(10, 0), {orphan(1), orphan(2)});
  report.max_stored = 1;
  acknowledge(report);
  const auto task = only_task(10, 1);
  const auto batch = work().list_replay_records(tenant_, id, task.sequence);
  ASSERT_EQ(batch.records.size(), 2U);
  EXPECT_EQ(batch.records[0].raw, "raw 1");
  EXPECT_EQ(batch.records[1].raw, "");
  acknowledge(completed(task));
  EXPECT_TRUE(letters(id).empty());
  end(JobStatus::completed);
}

}  // namespace freight::testing
