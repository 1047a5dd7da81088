#pragma once

// What is kept of single records, and forgotten on demand.

#include <string>
#include <vector>

#include "freight/testing/storage/replay_fixture.hpp"

namespace freight::testing {

class ErasureSuite : public ReplayFixture {
 protected:
  ErasureResult erase(const std::string& key, std::uint32_t limit = 1000) {
    return jobs().erase({.tenant_id = tenant_, .key = key, .limit = limit});
  }
  ErasureResult count(const std::string& key) {
    return jobs().erase({.tenant_id = tenant_, .key = key, .dry_run = true});
  }

  /// A rejected record of this key, whose ordinal is another.
  static RecordException reject_of(std::uint64_t ordinal, const std::string& key) {
    auto exception = reject(ordinal);
    exception.key_values = R"({"id":")" + key + "\"}";
    exception.errors.push_back({.code = Code::required, .stage = Stage::validate, .column = "b"});
    return exception;
  }
  /// One that succeeded with a warning.
  static RecordException warning_of(std::uint64_t ordinal, const std::string& key) {
    auto exception = reject_of(ordinal, key);
    exception.outcome = Outcome::succeeded;
    return exception;
  }

  /// A job of ten records that ended with these exceptions.
  JobId job_with(const std::vector<RecordException>& exceptions,
                 std::optional<TenantId> tenant = std::nullopt) {
    const auto id = planned_job(1, tenant);
    auto report = completed(only_task(10, 0));
    for (const auto& exception : exceptions) {
      if (exception.outcome != Outcome::rejected) continue;
      --report.counts.succeeded;
      ++report.counts.rejected;
    }
    report.exceptions = exceptions;
    acknowledge(report);
    end(JobStatus::completed_with_errors);
    return id;
  }
};

TEST_P(ErasureSuite, WhatIsKeptOfARecordGoesAndWhatItWasStays) {
  const auto id = job_with({reject_of(2, "4711"), warning_of(5, "4711"), reject_of(7, "8")});
  const auto before = job(id).records;
  const auto erased = erase("4711");
  EXPECT_EQ(erased.records, 2U);
  EXPECT_EQ(erased.dead_letters, 1U);
  EXPECT_EQ(erased.log_entries, 2U);
  EXPECT_EQ(erased.unended_jobs, 0U);

  const auto all = letters(id);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_TRUE(all[0].erased);
  EXPECT_EQ(all[0].raw, "");
  EXPECT_EQ(all[0].key_values, "");
  EXPECT_EQ(all[0].ordinal, 2U);
  EXPECT_EQ(all[0].line, 4U);
  EXPECT_EQ(all[0].byte_length, 9U);
  EXPECT_EQ(all[0].state, DeadLetterState::open);
  ASSERT_EQ(all[0].errors.size(), 2U);
  EXPECT_EQ(all[0].errors[0].code, Code::type_mismatch);
  EXPECT_EQ(all[0].errors[0].column, "amount");
  EXPECT_EQ(all[0].errors[0].value, std::nullopt);
  EXPECT_EQ(all[0].errors[0].message.find("bad"), std::string::npos);
  EXPECT_EQ(all[0].errors[1].code, Code::required);
  EXPECT_FALSE(all[1].erased);
  EXPECT_EQ(all[1].raw, "raw 7");
  EXPECT_EQ(all[1].errors[0].message, "bad");

  EXPECT_EQ(job(id).records, before);
  EXPECT_TRUE(jobs().find_ordinals(tenant_, id, "4711", 10).empty());
  EXPECT_TRUE(letters(id, {.key = "4711"}).empty());
  const auto fate = jobs().find_record(tenant_, id, 5);
  ASSERT_TRUE(fate);
  EXPECT_EQ(fate->outcome, Outcome::succeeded);
  EXPECT_EQ(fate->key_values, "");
  ASSERT_EQ(fate->errors.size(), 2U);
  EXPECT_EQ(fate->errors[0].code, Code::type_mismatch);
  EXPECT_EQ(fate->errors[0].value, std::nullopt);
  for (const auto& entry : log(id, {.scope = LogScope::record})) {
    if (entry.ordinal == 7U) continue;
    EXPECT_EQ(entry.key_values, "");
    EXPECT_NE(entry.message, "bad");
  }
  EXPECT_EQ(jobs().summarise_rejects(tenant_, id, 10).at(0).count, 2U);
  EXPECT_EQ(erase("4711").records, 0U);
}

TEST_P(ErasureSuite, ADryRunCountsAndChangesNothing) {
  const auto id = job_with({reject_of(2, "4711"), warning_of(5, "4711")});
  job_with({reject_of(1, "4711")});
  const auto found = count("4711");
  EXPECT_EQ(found.records, 3U);
  EXPECT_EQ(found.dead_letters, 2U);
  EXPECT_EQ(found.log_entries, 3U);
  EXPECT_EQ(count("471").records, 0U);
  EXPECT_EQ(letters(id).at(0).raw, "raw 2");
}

TEST_P(ErasureSuite, ManyRecordsOfAKeyTakeSeveralCalls) {
  std::vector<RecordException> rejects;
  for (std::uint64_t ordinal = 0; ordinal < 7; ++ordinal)
    rejects.push_back(reject_of(ordinal, "k"));
  job_with(rejects);
  job_with({reject_of(4, "k")});
  EXPECT_EQ(erase("k", 5).records, 5U);
  EXPECT_EQ(erase("k", 5).records, 3U);
  EXPECT_EQ(erase("k", 5).records, 0U);
}

TEST_P(ErasureSuite, TheRecordsOfOtherTenantsStay) {
  const auto other = storage_->tenants().find_or_create("other").id;
  const auto theirs = job_with({reject_of(2, "4711")}, other);
  EXPECT_EQ(count("4711").records, 0U);
  EXPECT_EQ(erase("4711").records, 0U);
  EXPECT_EQ(jobs().list_dead_letters(other, theirs, {}).at(0).raw, "raw 2");
}

TEST_P(ErasureSuite, AJobThatHasNotEndedIsLeftAndCounted) {
  const auto id = planned_job(2);
  const auto claimed = claim(10, 0);
  ASSERT_EQ(claimed.size(), 2U);
  acknowledge(with_rejects(claimed[0], {reject_of(2, "4711")}));
  EXPECT_EQ(count("4711").unended_jobs, 1U);
  EXPECT_EQ(count("4711").records, 0U);
  EXPECT_EQ(erase("4711").unended_jobs, 1U);
  EXPECT_EQ(letters(id).at(0).raw, "raw 2");
  acknowledge(completed(claimed[1]));
  end(JobStatus::completed_with_errors);
  const auto erased = erase("4711");
  EXPECT_EQ(erased.records, 1U);
  EXPECT_EQ(erased.unended_jobs, 0U);
}

TEST_P(ErasureSuite, AJobThatWasRemovedForgetsToo) {
  const auto id = job_with({reject_of(2, "4711")});
  jobs().remove_job(tenant_, id);
  EXPECT_EQ(erase("4711").dead_letters, 1U);
}

TEST_P(ErasureSuite, WhatWasErasedIsNotReplayed) {
  const auto id = job_with({reject_of(2, "4711"), reject_of(7, "8")});
  const auto erased_id = letters(id).at(0).id;
  erase("4711");
  EXPECT_EQ(replay(id, {.ids = std::vector{erased_id}}).refusal, ReplayRefusal::erased);
  const auto replay_id = ReplayId::generate();
  jobs().stage_corrections(tenant_, id, replay_id,
                           std::vector<Correction>{{.ordinal = 2, .record = "{}"}});
  EXPECT_EQ(jobs().replay({.tenant_id = tenant_, .job_id = id, .corrections = replay_id}).refusal,
            ReplayRefusal::erased);
  EXPECT_EQ(replay(id, {.code = Code::out_of_range}).refusal, ReplayRefusal::nothing_open);
  EXPECT_EQ(replay(id).records, 1U);
  const auto task = only_task(10, 1);
  EXPECT_EQ(ordinals_of(work().list_replay_records(tenant_, id, task.sequence)), (Ordinals{7}));
  acknowledge(completed(task));
  end(JobStatus::completed_with_errors);
  EXPECT_EQ(replay(id).refusal, ReplayRefusal::erased);
  EXPECT_EQ(retry(id, RetryScope::all).refusal, RetryRefusal::nothing_to_retry);
}

TEST_P(ErasureSuite, CorrectionsThatNoReplayTookGoToo) {
  const auto id = job_with({reject_of(2, "4711"), reject_of(7, "8")});
  const auto replay_id = ReplayId::generate();
  jobs().stage_corrections(tenant_, id, replay_id,
                           std::vector<Correction>{{.ordinal = 2, .record = R"({"id":"4711"})"},
                                                   {.ordinal = 7, .record = R"({"id":"8"})"}});
  EXPECT_EQ(count("4711").corrections, 1U);
  EXPECT_EQ(erase("4711").corrections, 1U);
  EXPECT_EQ(jobs().replay({.tenant_id = tenant_, .job_id = id, .corrections = replay_id}).records,
            1U);
}

TEST_P(ErasureSuite, TheReasonOfAFailureQuotesNothingThatWasErased) {
  const auto id = planned_job(1);
  auto exception = reject_of(2, "4711");
  exception.errors[0].message = R"("Ann Lee" is not a number.)";
  acknowledge(with_rejects(only_task(10, 0), {exception}));
  auto report = finish(only_task(0, 1), JobStatus::failed);
  report.error =
      Failure{.code = Code::all_rejected,
              .category = Category::data,
              .message = R"(all were rejected, as in line 4: "Ann Lee" is not a number.)"};
  EXPECT_TRUE(work().finish_job(report));
  EXPECT_NE(job(id).error->message.find("Ann Lee"), std::string::npos);
  erase("4711");
  EXPECT_EQ(job(id).error->code, Code::all_rejected);
  EXPECT_EQ(job(id).error->message.find("Ann Lee"), std::string::npos);
  EXPECT_EQ(job(id).error->message.find("all were rejected, as in line 4: "), 0U);
  for (const auto& entry : log(id))
    EXPECT_EQ(entry.message.find("Ann Lee"), std::string::npos) << entry.event;
}

}  // namespace freight::testing
