#pragma once

// What is kept of records that were rejected.

#include <string>
#include <utility>
#include <vector>

#include "freight/testing/storage/storage_fixture.hpp"

namespace freight::testing {

class DeadLetterSuite : public StorageSuite {};

TEST_P(DeadLetterSuite, ExceptionsBecomeDeadLettersAndLogEntries) {
  const auto id = planned_job(1);
  auto report = completed(claim(1, 0).at(0));
  report.counts = {.read = 10, .succeeded = 5, .rejected = 3, .skipped = 1, .filtered = 1};
  report.exceptions.push_back(rejected_record(2, Code::type_mismatch, "amount", "abc"));
  report.exceptions.push_back(rejected_record(4, Code::type_mismatch, "amount", "xyz"));
  report.exceptions.push_back(rejected_record(7, Code::required, "email", ""));
  report.exceptions[1].errors.push_back({.code = Code::too_long, .stage = Stage::validate});
  report.exceptions.push_back({.outcome = Outcome::skipped, .ordinal = 8});
  report.exceptions.push_back({.outcome = Outcome::succeeded,
                               .ordinal = 9,
                               .errors = {{.code = Code::out_of_range, .column = "age"}}});
  report.ranges.push_back({.outcome = Outcome::filtered, .first_ordinal = 0, .last_ordinal = 0});
  EXPECT_TRUE(acknowledge(report).lost.empty());

  const auto letters = jobs().list_dead_letters(tenant_, id, {.first_ordinal = 0, .limit = 10});
  ASSERT_EQ(letters.size(), 3U);
  EXPECT_EQ(letters[0].ordinal, 2U);
  EXPECT_EQ(letters[0].line, 4U);
  EXPECT_EQ(letters[0].byte_offset, 20U);
  EXPECT_EQ(letters[0].byte_length, 9U);
  EXPECT_EQ(letters[0].raw, "raw abc");
  EXPECT_EQ(letters[0].key_values, R"({"id":"7"})");
  EXPECT_EQ(letters[0].state, DeadLetterState::open);
  EXPECT_EQ(letters[0].attempts, 1U);
  EXPECT_FALSE(letters[0].id.is_nil());
  ASSERT_EQ(letters[0].errors.size(), 1U);
  const auto& error = letters[0].errors[0];
  EXPECT_EQ(error.code, Code::type_mismatch);
  EXPECT_EQ(error.stage, Stage::validate);
  EXPECT_EQ(error.column, "amount");
  EXPECT_EQ(error.value, "abc");
  EXPECT_EQ(error.expected, "integer");
  EXPECT_EQ(error.message, "not an integer");
  EXPECT_EQ(error.hint, "look");
  EXPECT_EQ(error.sqlstate, "22P02");
  EXPECT_EQ(error.http_status, 422);
  EXPECT_EQ(letters[1].errors.size(), 2U);
  EXPECT_EQ(letters[1].errors[1].value, std::nullopt);
  EXPECT_EQ(letters[2].errors[0].value, "");
  EXPECT_EQ(jobs().list_dead_letters(tenant_, id, {.first_ordinal = 3, .limit = 1}).at(0).ordinal,
            4U);

  const auto groups = jobs().summarise_rejects(tenant_, id, 10);
  ASSERT_EQ(groups.size(), 2U);
  EXPECT_EQ(groups[0].code, Code::type_mismatch);
  EXPECT_EQ(groups[0].column, "amount");
  EXPECT_EQ(groups[0].count, 2U);
  EXPECT_EQ(groups[0].example_line, 4U);
  EXPECT_EQ(groups[0].example_value, "abc");
  EXPECT_EQ(groups[0].example_message, "not an integer");
  EXPECT_EQ(groups[0].example_hint, "look");
  EXPECT_EQ(jobs().summarise_rejects(tenant_, id, 1).size(), 1U);

  EXPECT_EQ(log(id, {.scope = LogScope::record}).size(), 10U);
  EXPECT_EQ(log(id, {.outcome = Outcome::rejected}).size(), 3U);
  const auto filtered = log(id, {.outcome = Outcome::filtered});
  ASSERT_EQ(filtered.size(), 1U);
  EXPECT_EQ(filtered[0].ordinal, 0U);
  EXPECT_EQ(filtered[0].attempt, 1U);
}

TEST_P(DeadLetterSuite, ARecordsBytesComeBackWhateverTheyAre) {
  const auto id = planned_job(1);
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  auto report = completed(claim(1, 0).at(0));
  auto odd = rejected_record(1, Code::invalid_utf8, std::string("c\0l\xff", 4), bytes);
  odd.raw = bytes + "\"'\\:name @now ü";
  odd.errors[0].message = "bad \xff byte";
  odd.key_values = std::string("\0\xfe", 2);
  report.exceptions.push_back(odd);
  auto large = rejected_record(2, Code::too_long, "x", std::string(1024, 'v'));
  large.raw = std::string(200'000, 'r');
  report.exceptions.push_back(large);
  auto nul = rejected_record(3, Code::nul_byte, "x", std::string("a\0b", 3));
  report.exceptions.push_back(nul);
  EXPECT_TRUE(acknowledge(report).lost.empty());
  const auto letters = jobs().list_dead_letters(tenant_, id, {.first_ordinal = 0, .limit = 10});
  ASSERT_EQ(letters.size(), 3U);
  EXPECT_EQ(letters[0].raw, odd.raw);
  EXPECT_EQ(letters[0].errors[0].value, bytes);
  EXPECT_EQ(letters[0].errors[0].message, "bad \xEF\xBF\xBD byte");
  EXPECT_EQ(letters[1].raw, std::string(65'536, 'r'));
  EXPECT_EQ(letters[2].errors[0].value, std::string("a\0b", 3));
  EXPECT_EQ(jobs().summarise_rejects(tenant_, id, 10).size(), 3U);
}

TEST_P(DeadLetterSuite, ManyDeadLettersTakeOneCall) {
  const auto id = planned_job(1, std::nullopt, 5000);
  auto report = completed(claim(1, 0).at(0));
  for (std::uint64_t i = 0; i < 5000; ++i) {
    report.exceptions.push_back(
        rejected_record(i, Code::type_mismatch, "a", std::string(1000, 'x')));
    report.exceptions.back().raw = std::string(4000, 'y');
  }
  EXPECT_TRUE(acknowledge(report).lost.empty());
  EXPECT_EQ(jobs().summarise_rejects(tenant_, id, 10).at(0).count, 5000U);
  std::uint64_t seen = 0;
  for (auto page = jobs().list_dead_letters(tenant_, id, {.first_ordinal = 0, .limit = 700});
       !page.empty(); page = jobs().list_dead_letters(
                          tenant_, id, {.first_ordinal = page.back().ordinal + 1, .limit = 700})) {
    seen += page.size();
  }
  EXPECT_EQ(seen, 5000U);
}

}  // namespace freight::testing
