#pragma once

// Dead letters that are tried again, or given up.

#include <map>
#include <string>
#include <vector>

#include "freight/testing/storage/replay_fixture.hpp"

namespace freight::testing {

class ReplaySuite : public ReplayFixture {};

TEST_P(ReplaySuite, AReplayPutsTheJobBackWithItsOpenDeadLettersAsABatch) {
  const auto id = ended_job(2, {reject(3), reject(14), reject(15)});
  const auto result = replay(id);
  EXPECT_EQ(result.refusal, ReplayRefusal::none);
  EXPECT_EQ(result.records, 3U);
  EXPECT_EQ(result.batches, 1U);
  EXPECT_EQ(job(id).status, JobStatus::pending);
  EXPECT_EQ(job(id).finished_at, std::nullopt);
  EXPECT_TRUE(letters(id).at(0).in_replay);

  const auto task = only_task(10, 1);
  EXPECT_EQ(task.batch_kind, BatchKind::replay);
  EXPECT_EQ(task.sequence, 2U);
  EXPECT_EQ(task.range.records, 3U);
  const auto batch = work().list_replay_records(tenant_, id, task.sequence);
  EXPECT_EQ(ordinals_of(batch), (Ordinals{3, 14, 15}));
  EXPECT_EQ(batch.records.at(1).raw, "raw 14");
  EXPECT_EQ(batch.records.at(1).replay_number, 1U);
  ASSERT_EQ(batch.ranges.size(), 2U);
  EXPECT_EQ(batch.ranges.at(batch.records.at(2).range).first_ordinal, 10U);
  EXPECT_EQ(batches(id).at(2).kind, BatchKind::replay);
}

TEST_P(ReplaySuite, CountersCountRecordsAndNotPasses) {
  const auto id = ended_job(2, {reject(3), reject(14), reject(15)});
  const auto first_id = letters(id).at(2).id;
  replay(id);
  const auto task = only_task(10, 1);
  auto report = with_rejects(task, {reject(15, Code::out_of_range)});
  report.counts.succeeded = 1;
  report.counts.filtered = 1;
  report.written.inserted = 1;
  report.ranges = {{Outcome::filtered, 14, 14}};
  acknowledge(report);

  const auto after = job(id);
  EXPECT_EQ(after.records.read, 20U);
  EXPECT_EQ(after.records.succeeded, 18U);
  EXPECT_EQ(after.records.rejected, 1U);
  EXPECT_EQ(after.records.filtered, 1U);
  EXPECT_EQ(after.written.inserted, 18U);
  expect_sums_agree(id);

  const auto all = letters(id);
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].state, DeadLetterState::replayed);
  EXPECT_EQ(all[1].state, DeadLetterState::replayed);
  EXPECT_EQ(all[2].state, DeadLetterState::open);
  EXPECT_FALSE(all[2].in_replay);
  EXPECT_EQ(all[2].attempts, 2U);
  EXPECT_EQ(all[2].errors.at(0).code, Code::out_of_range);
  EXPECT_EQ(all[2].batch_sequence, 1U);
  EXPECT_EQ(all[2].id, first_id);
  EXPECT_TRUE(work().list_replay_records(tenant_, id, task.sequence).records.empty());

  end(JobStatus::completed_with_errors);
  replay(id);
  const auto again = only_task(10, 1);
  const auto batch = work().list_replay_records(tenant_, id, again.sequence);
  ASSERT_EQ(batch.records.size(), 1U);
  EXPECT_EQ(batch.records.at(0).replay_number, 2U);
  acknowledge(completed(again));
  EXPECT_EQ(job(id).records.rejected, 0U);
  expect_sums_agree(id);
  end(JobStatus::completed);

  const auto passes = job(id).passes;
  ASSERT_EQ(passes.size(), 3U);
  EXPECT_EQ(passes[0].records, 20U);
  EXPECT_EQ(passes[1].records, 3U);
  EXPECT_EQ(passes[2].number, 3U);
  EXPECT_EQ(passes[2].records, 1U);
  for (const auto& pass : passes) EXPECT_TRUE(pass.started_at && pass.finished_at);
}

TEST_P(ReplaySuite, NothingToDoIsAValue) {
  const auto id = planned_job(1);
  EXPECT_EQ(replay(id).refusal, ReplayRefusal::not_ended);
  const auto task = only_task(10, 0);
  acknowledge(with_rejects(task, {reject(3)}));
  end(JobStatus::completed_with_errors);
  EXPECT_EQ(replay(id, {.code = Code::out_of_range}).refusal, ReplayRefusal::nothing_open);
  EXPECT_EQ(replay(id, {.ids = std::vector<DeadLetterId>{}}).refusal, ReplayRefusal::nothing_open);
  EXPECT_EQ(job(id).status, JobStatus::completed_with_errors);
  EXPECT_EQ(replay(id).refusal, ReplayRefusal::none);
  EXPECT_EQ(replay(id).refusal, ReplayRefusal::not_ended);
  EXPECT_EQ(code_of([&] { replay(JobId::generate()); }), Code::not_found);
}

TEST_P(ReplaySuite, BatchesAreBoundedByRecordsAndBytes) {
  std::vector<RecordException> rejects;
  for (std::uint64_t ordinal = 0; ordinal < 50; ++ordinal) rejects.push_back(reject(ordinal));
  const auto id = ended_job(5, rejects);
  auto result = jobs().replay({.tenant_id = tenant_, .job_id = id, .max_records = 20});
  EXPECT_EQ(result.records, 50U);
  EXPECT_EQ(result.batches, 3U);
  auto claimed = claim(10, 1);
  ASSERT_EQ(claimed.size(), 3U);
  std::uint64_t records = 0;
  for (const auto& task : claimed) {
    EXPECT_LE(task.range.records, 20U);
    records += task.range.records;
    acknowledge(with_rejects(task, [&] {
      std::vector<RecordException> again;
      for (const auto at : ordinals_of(work().list_replay_records(tenant_, id, task.sequence))) {
        again.push_back(reject(at));
      }
      return again;
    }()));
  }
  EXPECT_EQ(records, 50U);
  end(JobStatus::completed_with_errors);
  // Nine bytes each, and one more for the record itself.
  result = jobs().replay({.tenant_id = tenant_, .job_id = id, .max_bytes = 100});
  EXPECT_EQ(result.records, 50U);
  EXPECT_EQ(result.batches, 5U);
}

TEST_P(ReplaySuite, CorrectionsSelectTheirOrdinalsAndTheLastOneStands) {
  const auto id = ended_job(2, {reject(3), reject(14), reject(15)});
  const auto replay_id = ReplayId::generate();
  jobs().stage_corrections(tenant_, id, replay_id,
                           std::vector<Correction>{{.ordinal = 3, .record = R"({"a":"old"})"},
                                                   {.ordinal = 3, .record = R"({"a":"né"})"},
                                                   {.ordinal = 7, .record = R"({"a":"no"})"}});
  jobs().stage_corrections(
      tenant_, id, replay_id,
      std::vector<Correction>{{.ordinal = 15, .texts = {"a \"b\"", std::nullopt, ""}}});
  const auto result = jobs().replay({.tenant_id = tenant_, .job_id = id, .corrections = replay_id});
  EXPECT_EQ(result.records, 2U);
  const auto task = only_task(10, 1);
  const auto batch = work().list_replay_records(tenant_, id, task.sequence);
  ASSERT_EQ(ordinals_of(batch), (Ordinals{3, 15}));
  EXPECT_EQ(batch.records[0].correction, R"({"a":"né"})");
  EXPECT_EQ(batch.records[1].correction, R"(["a \"b\"",null,""])");
  acknowledge(completed(task));
  EXPECT_EQ(ordinals(id, {.state = DeadLetterState::open}), (Ordinals{14}));
}

TEST_P(ReplaySuite, AReportUnderALostLeaseChangesNothing) {
  const auto id = ended_job(1, {reject(3)});
  replay(id);
  auto report = completed(only_task(10, 1));
  report.token = LeaseToken::generate();
  EXPECT_EQ(acknowledge(report).lost.size(), 1U);
  EXPECT_EQ(job(id).records.rejected, 1U);
  EXPECT_TRUE(letters(id).at(0).in_replay);
}

TEST_P(ReplaySuite, AFailedJobIsReplayedTogetherWithWhatIsPending) {
  const auto id = planned_job(2);
  const auto claimed = claim(10, 0);
  ASSERT_EQ(claimed.size(), 2U);
  acknowledge(with_rejects(claimed[0], {reject(3)}));
  acknowledge(with_verdict(claimed[1], TaskVerdict::failed));
  end(JobStatus::failed);
  EXPECT_EQ(replay(id).records, 1U);
  const auto again = claim(10, 1);
  ASSERT_EQ(again.size(), 2U);
  for (const auto& task : again) acknowledge(completed(task));
  EXPECT_EQ(job(id).records.succeeded, 20U);
  expect_sums_agree(id);
  end(JobStatus::completed);
}

TEST_P(ReplaySuite, AReplayThatWasCancelledIsTriedAgainByARetry) {
  const auto id = ended_job(1, {reject(3)});
  replay(id);
  auto task = only_task(10, 1);
  EXPECT_TRUE(work().finish_job(finish(task, JobStatus::failed)));
  EXPECT_EQ(retry(id).batches_requeued, 1U);
  task = only_task(10, 1);
  EXPECT_EQ(task.batch_kind, BatchKind::replay);
  EXPECT_EQ(work().list_replay_records(tenant_, id, task.sequence).records.size(), 1U);
}

TEST_P(ReplaySuite, DiscardIsAMarkAndTheOutcomeStays) {
  const auto id = ended_job(2, {reject(3), reject(14), reject(15, Code::required, "name")});
  EXPECT_EQ(jobs().discard(tenant_, id, {.code = Code::type_mismatch}), 2U);
  EXPECT_EQ(jobs().discard(tenant_, id, {.code = Code::type_mismatch}), 0U);
  EXPECT_EQ(ordinals(id, {.state = DeadLetterState::discarded}), (Ordinals{3, 14}));
  EXPECT_EQ(job(id).records.rejected, 3U);
  EXPECT_EQ(replay(id).records, 1U);
  // In a replay it is nobody's to discard.
  EXPECT_EQ(jobs().discard(tenant_, id, {}), 0U);
}

TEST_P(ReplaySuite, FiltersAndIdsSelectAndPagesFollowEachOther) {
  auto write_error = reject(15, Code::unique_violation, "id");
  write_error.errors[0].stage = Stage::write;
  const auto id = ended_job(3, {reject(3), reject(14), write_error, reject(25, Code::required)});
  const auto all = letters(id);
  ASSERT_EQ(all.size(), 4U);
  EXPECT_EQ(ordinals(id, {.column = "id"}), (Ordinals{15}));
  EXPECT_EQ(ordinals(id, {.stage = Stage::write}), (Ordinals{15}));
  EXPECT_EQ(ordinals(id, {.key = "14"}), (Ordinals{14}));
  EXPECT_EQ(ordinals(id, {.batch_id = all[1].batch_id}), (Ordinals{14, 15}));
  EXPECT_EQ(ordinals(id, {.ids = std::vector{all[0].id, all[3].id}}), (Ordinals{3, 25}));
  const auto page = jobs().list_dead_letters(tenant_, id, {.first_ordinal = 4, .limit = 2});
  ASSERT_EQ(page.size(), 2U);
  EXPECT_EQ(page[1].ordinal, 15U);
  const auto found = jobs().find_dead_letter(tenant_, all[2].id);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->job_id, id);
  EXPECT_EQ(found->ordinal, 15U);
  const auto other = storage_->tenants().create({.name = "other"}).id;
  EXPECT_FALSE(jobs().find_dead_letter(other, all[2].id));
  EXPECT_TRUE(jobs().list_dead_letters(other, id, {}).empty());
}

}  // namespace freight::testing
