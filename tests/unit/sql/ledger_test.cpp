#include "connectors/sql/destination/ledger.hpp"

#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "freight/error.hpp"

namespace freight::sql {
namespace {

WriteResult with_exceptions(std::vector<WriteException> exceptions) {
  WriteResult result;
  result.exceptions = std::move(exceptions);
  return result;
}

using ::testing::HasSubstr;

const OutputBatch no_rows;

WriteRequest request() {
  return {.unit = "r:100",
          .first_ordinal = 100,
          .records = 50,
          .content_hash = "c0ffee",
          .input_hash = "1234",
          .rows = no_rows};
}

Code code_of(const LedgerRow& row, const WriteRequest& write) {
  try {
    result_of(row, write);
  } catch (const Error& error) {
    return error.code();
  }
  return Code::not_found;
}

TEST(Ledger, GivesBackEveryFieldOfAnOutcome) {
  WriteException full;
  full.ordinal = std::numeric_limits<std::uint64_t>::max();
  full.outcome = Outcome::rejected;
  full.error.code = Code::unique_violation;
  full.error.stage = Stage::write;
  full.error.column = "e\"mail";
  full.error.value = "line\nbreak \\ \xF0\x9F\x98\x80 \x01";
  full.error.expected = "another";
  full.error.message = "taken";
  full.error.hint = "think";
  full.error.sqlstate = "23505";
  WriteException bare;
  bare.ordinal = 7;
  bare.outcome = Outcome::skipped;
  bare.error.code = Code::destination_rejected;
  bare.error.stage = Stage::write;
  WriteException empty_value = bare;
  empty_value.error.value = "";

  LedgerRow row = ledger_row_of(request(), "people");
  row.inserted = 3;
  row.updated = 4;
  row.outcome = encode_outcome(with_exceptions({full, bare, empty_value}));
  const WriteResult result = result_of(row, request());

  EXPECT_TRUE(result.from_ledger);
  EXPECT_EQ(result.inserted, 3u);
  EXPECT_EQ(result.updated, 4u);
  ASSERT_EQ(result.exceptions.size(), 3u);
  const WriteException& first = result.exceptions[0];
  EXPECT_EQ(first.ordinal, full.ordinal);
  EXPECT_EQ(first.outcome, full.outcome);
  EXPECT_EQ(first.error.code, full.error.code);
  EXPECT_EQ(first.error.stage, full.error.stage);
  EXPECT_EQ(first.error.column, full.error.column);
  EXPECT_EQ(first.error.value, full.error.value);
  EXPECT_EQ(first.error.expected, full.error.expected);
  EXPECT_EQ(first.error.message, full.error.message);
  EXPECT_EQ(first.error.hint, full.error.hint);
  EXPECT_EQ(first.error.sqlstate, full.error.sqlstate);
  EXPECT_EQ(result.exceptions[1].outcome, Outcome::skipped);
  EXPECT_EQ(result.exceptions[1].error.value, std::nullopt);
  EXPECT_EQ(result.exceptions[2].error.value, "");
}

TEST(Ledger, KeepsAValueThatIsNotUtf8ReadableByMakingItSo) {
  WriteException exception;
  exception.error.code = Code::destination_rejected;
  exception.error.stage = Stage::write;
  exception.error.value = "a\xFFz";
  LedgerRow row = ledger_row_of(request(), "people");
  row.outcome = encode_outcome(with_exceptions({exception}));

  EXPECT_EQ(result_of(row, request()).exceptions.at(0).error.value, "a\xEF\xBF\xBDz");
}

TEST(Ledger, FindsAnotherSetOfRecordsBehindTheSameUnit) {
  LedgerRow row = ledger_row_of(request(), "people");
  row.outcome = encode_outcome({});
  EXPECT_NO_THROW(result_of(row, request()));

  for (const auto& change : std::vector<void (*)(LedgerRow&)>{
           [](LedgerRow& one) { one.first_ordinal = 99; }, [](LedgerRow& one) { one.records = 51; },
           [](LedgerRow& one) { one.content_hash = "other"; },
           [](LedgerRow& one) { one.input_hash = "other"; }}) {
    LedgerRow other = row;
    change(other);
    EXPECT_EQ(code_of(other, request()), Code::ledger_conflict);
  }
}

TEST(Ledger, RefusesANewerFormat) {
  LedgerRow row = ledger_row_of(request(), "people");
  row.outcome = "something new";
  row.format = ledger_format + 1;
  EXPECT_EQ(code_of(row, request()), Code::newer_format);
}

TEST(Ledger, SaysThatARowIsDamaged) {
  for (const std::string outcome :
       {"", "{", "[]", R"({"exceptions":1})", R"({"exceptions":[{"ordinal":1}]})",
        R"({"exceptions":[{"ordinal":1,"outcome":"gone","code":"internal","stage":"write"}]})"}) {
    LedgerRow row = ledger_row_of(request(), "people");
    row.outcome = outcome;
    EXPECT_EQ(code_of(row, request()), Code::destination_failed) << outcome;
  }
}

TEST(Ledger, SaysWhenAndHowManyWereLoadedBefore) {
  try {
    refuse_load({.job_id = "j-1", .written_at = "2026-11-23T10:00:00Z", .inserted = 42},
                "public.people");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::already_loaded);
    EXPECT_THAT(error.what(), HasSubstr("j-1"));
    EXPECT_THAT(error.what(), HasSubstr("2026-11-23T10:00:00Z"));
    EXPECT_THAT(error.what(), HasSubstr("42"));
    EXPECT_THAT(error.what(), HasSubstr("public.people"));
    EXPECT_THAT(error.details().hint, HasSubstr("--new"));
  }
}

TEST(LedgerOutcome, KeepsHowManyRowsWereThereAlready) {
  const OutputBatch rows;
  const WriteRequest request{.unit = "r:0", .rows = rows};
  LedgerRow row = ledger_row_of(request, "people");
  WriteResult result;
  result.unchanged = 7;
  row.updated = 2;
  row.outcome = encode_outcome(result);

  EXPECT_EQ(result_of(row, request).unchanged, 7u);
  EXPECT_EQ(result_of(row, request).updated, 2u);
}

}  // namespace
}  // namespace freight::sql
