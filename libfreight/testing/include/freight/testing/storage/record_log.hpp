#pragma once

// What became of every record.

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "freight/testing/storage/replay_fixture.hpp"

namespace freight::testing {

class RecordLogSuite : public ReplayFixture {
 protected:
  /// All entries, by pages of `limit`.
  std::vector<LogEntry> all(JobId id, LogQuery query, std::uint32_t limit) {
    std::vector<LogEntry> entries;
    query.limit = limit;
    for (int page = 0; page < 1000; ++page) {
      const auto more = jobs().list_log(tenant_, id, query);
      entries.insert(entries.end(), more.begin(), more.end());
      if (more.size() < limit) return entries;
      query.after = LogCursor::parse(more.back().cursor.to_string());
    }
    ADD_FAILURE() << "the pages have no end";
    return entries;
  }

  /// Batch 0 with all sorts of outcomes, batch 1 plainly good.
  JobId mixed_job() {
    const auto id = planned_job(2);
    for (const auto& task : claim(10, 0)) {
      if (task.sequence == 1) {
        acknowledge(completed(task));
        continue;
      }
      auto report = with_rejects(task, {reject(2)});
      report.exceptions.push_back(reject(9));
      report.exceptions.back().outcome = Outcome::skipped;
      report.ranges = {{Outcome::filtered, 4, 6}};
      report.counts = {.read = 10, .succeeded = 5, .rejected = 1, .skipped = 1, .filtered = 3};
      acknowledge(report);
    }
    end(JobStatus::completed_with_errors);
    return id;
  }

  static std::string text(const LogEntry& entry) {
    return std::string(to_string(entry.scope)) + ' ' + entry.event + ' ' +
           (entry.ordinal ? std::to_string(*entry.ordinal) : "-") + ' ' +
           (entry.outcome ? std::string(to_string(*entry.outcome)) : "-");
  }
};

TEST_P(RecordLogSuite, EveryRecordHasExactlyOneEntryAndPagesOfAnySizeGiveTheSame) {
  const auto id = mixed_job();
  const auto whole = all(id, {}, 1000);
  std::map<std::uint64_t, Outcome> outcomes;
  for (const auto& entry : whole) {
    if (entry.scope != LogScope::record) continue;
    EXPECT_TRUE(outcomes.emplace(*entry.ordinal, *entry.outcome).second) << text(entry);
    EXPECT_TRUE(entry.batch_id);
  }
  ASSERT_EQ(outcomes.size(), 20U);
  EXPECT_EQ(outcomes[2], Outcome::rejected);
  EXPECT_EQ(outcomes[5], Outcome::filtered);
  EXPECT_EQ(outcomes[9], Outcome::skipped);
  EXPECT_EQ(outcomes[8], Outcome::succeeded);
  EXPECT_TRUE(std::is_sorted(whole.begin(), whole.end(),
                             [](const auto& a, const auto& b) { return a.cursor < b.cursor; }));
  for (const std::uint32_t limit : {1U, 2U, 3U, 7U}) {
    const auto paged = all(id, {}, limit);
    ASSERT_EQ(paged.size(), whole.size()) << limit;
    for (std::size_t i = 0; i < whole.size(); ++i) EXPECT_EQ(paged[i].cursor, whole[i].cursor);
    auto reversed = all(id, {.newest_first = true}, limit);
    ASSERT_EQ(reversed.size(), whole.size()) << limit;
    std::reverse(reversed.begin(), reversed.end());
    for (std::size_t i = 0; i < whole.size(); ++i) {
      EXPECT_EQ(text(reversed[i]), text(whole[i])) << limit << ' ' << i;
    }
  }
}

TEST_P(RecordLogSuite, FiltersHoldForEveryEntry) {
  const auto id = mixed_job();
  EXPECT_EQ(all(id, {.scope = LogScope::record}, 100).size(), 20U);
  EXPECT_EQ(all(id, {.scope = LogScope::batch}, 100).size(), 2U);
  EXPECT_EQ(all(id, {.scope = LogScope::record, .outcome = Outcome::succeeded}, 4).size(), 15U);
  EXPECT_EQ(all(id, {.outcome = Outcome::filtered}, 2).size(), 3U);
  const auto rejected = all(id, {.level = LogLevel::warning}, 10);
  ASSERT_EQ(rejected.size(), 1U);
  EXPECT_EQ(rejected[0].ordinal, 2U);
  EXPECT_EQ(rejected[0].code, Code::type_mismatch);
  EXPECT_EQ(rejected[0].message, "bad");
  EXPECT_EQ(rejected[0].column, "amount");
  const auto batch = batches(id).at(1).id;
  EXPECT_EQ(all(id, {.scope = LogScope::record, .batch_id = batch}, 3).size(), 10U);
  EXPECT_EQ(all(id, {.code = Code::type_mismatch}, 10).size(), 2U);
  const auto jobs_events = all(id, {.scope = LogScope::job}, 10);
  ASSERT_GE(jobs_events.size(), 4U);
  EXPECT_EQ(jobs_events.back().event, "job_finished");
  const auto finished = jobs_events.back().time;
  EXPECT_EQ(all(id, {.scope = LogScope::job, .since = finished}, 10).back().event, "job_finished");
  for (const auto& entry : all(id, {.until = finished}, 10)) EXPECT_NE(entry.event, "job_finished");
}

TEST_P(RecordLogSuite, SaysWhatBecameOfOneRecordByOrdinalAndByKey) {
  const auto id = mixed_job();
  const auto rejected = jobs().find_record(tenant_, id, 2);
  ASSERT_TRUE(rejected);
  EXPECT_EQ(rejected->outcome, Outcome::rejected);
  EXPECT_EQ(rejected->line, 4U);
  EXPECT_EQ(rejected->byte_offset, 20U);
  EXPECT_EQ(rejected->errors.at(0).message, "bad");
  EXPECT_EQ(rejected->batch_id, batches(id).at(0).id);
  EXPECT_EQ(rejected->attempts, 1U);
  EXPECT_TRUE(rejected->time);
  EXPECT_EQ(jobs().find_record(tenant_, id, 6)->outcome, Outcome::filtered);
  EXPECT_EQ(jobs().find_record(tenant_, id, 7)->outcome, Outcome::succeeded);
  EXPECT_EQ(jobs().find_record(tenant_, id, 9)->outcome, Outcome::skipped);
  EXPECT_FALSE(jobs().find_record(tenant_, id, 20));
  EXPECT_EQ(jobs().find_ordinals(tenant_, id, "9", 10), (Ordinals{9}));
  EXPECT_TRUE(jobs().find_ordinals(tenant_, id, "7", 10).empty());

  replay(id);
  acknowledge(completed(only_task(10, 1)));
  const auto replayed = jobs().find_record(tenant_, id, 2);
  EXPECT_EQ(replayed->outcome, Outcome::succeeded);
  EXPECT_EQ(replayed->attempts, 2U);
  EXPECT_TRUE(replayed->errors.empty());
  EXPECT_EQ(replayed->batch_sequence, 2U);

  const auto pending = planned_job(1);
  EXPECT_EQ(jobs().find_record(tenant_, pending, 3)->outcome, Outcome::pending);
}

TEST_P(RecordLogSuite, ACursorOfAnotherKindIsRefused) {
  EXPECT_EQ(code_of([] { LogCursor::parse("nonsense"); }), Code::invalid_value);
  EXPECT_EQ(code_of([] { LogCursor::parse("1.2.3"); }), Code::invalid_value);
  EXPECT_EQ(code_of([] { LogCursor::parse("2.1.1.1"); }), Code::newer_format);
}

}  // namespace freight::testing
