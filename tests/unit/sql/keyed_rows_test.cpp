// Rows of one batch that have the same key: which is sent, and whose turn comes next.
#include "connectors/sql/source/keyed_rows.hpp"

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "connectors/sql/destination/isolation.hpp"
#include "freight/error.hpp"
#include "support/output_rows.hpp"

namespace freight::sql::keyed_rows_test {
namespace {

using freight::testing::OutputRows;
using freight::testing::untyped;
using Rows = std::vector<std::uint32_t>;

// A table that refuses some rows, and knows beforehand of rows that follow others.
class Table final : public RowGroupWriter {
 public:
  explicit Table(std::set<std::uint32_t> bad) : bad_(std::move(bad)) {}

  std::optional<Refusal> try_rows(std::span<const std::uint32_t> rows) override {
    for (const std::uint32_t row : rows) {
      if (!bad_.contains(row)) continue;
      Refusal refusal;
      refusal.earlier_are_good = true;
      refusal.culprits.push_back({.row = row, .error = {}});
      return refusal;
    }
    written.insert(written.end(), rows.begin(), rows.end());
    return std::nullopt;
  }

  Foresight foresee(const RefusedRow&, std::span<const std::uint32_t>) override {
    return std::exchange(foresight, {});
  }

  Rows written;
  Foresight foresight;

 private:
  std::set<std::uint32_t> bad_;
};

Rows rows_of(const std::vector<RefusedRow>& refused) {
  Rows rows;
  for (const RefusedRow& row : refused) rows.push_back(row.row);
  return rows;
}

TEST(KeyedRows, SendsTheLastOfEachKeyAndTheEarlierOnesWait) {
  OutputRows rows({untyped("a"), untyped("b")});
  rows.add({"1", "x"}).add({"2", "y"}).add({"1", "z"}).add({"1", "w"});

  const KeyedRows keyed = last_of_each_key(rows.batch(), {"a"});

  EXPECT_EQ(keyed.rows, (Rows{1, 3}));
  ASSERT_EQ(keyed.overtaken.size(), 2u);
  EXPECT_EQ(keyed.overtaken.at(3).row, 2u);
  EXPECT_EQ(keyed.overtaken.at(2).row, 0u);
}

TEST(KeyedRows, TellsKeysOfSeveralColumnsApart) {
  OutputRows rows({untyped("a"), untyped("b")});
  rows.add({"1", "23"}).add({"12", "3"}).add({"123", ""}).add({"", "123"});
  EXPECT_EQ(last_of_each_key(rows.batch(), {"a", "b"}).rows, (Rows{0, 1, 2, 3}));
}

TEST(KeyedRows, RefusesNullInAnyColumnOfTheKey) {
  OutputRows rows({untyped("a"), untyped("b")});
  rows.add({"1", std::nullopt}).add({"1", ""}).add({std::nullopt, "1"});

  const KeyedRows keyed = last_of_each_key(rows.batch(), {"a", "b"});

  EXPECT_EQ(keyed.rows, (Rows{1}));
  EXPECT_EQ(rows_of(keyed.refused), (Rows{0, 2}));
  EXPECT_EQ(keyed.refused[0].error.code, Code::not_null_violation);
  EXPECT_EQ(keyed.refused[0].error.column, "b");
}

TEST(KeyedRows, NeedTheKeysColumns) {
  OutputRows rows({untyped("a")});
  EXPECT_THROW(last_of_each_key(rows.batch(), {"b"}), Error);
}

TEST(HeldRows, AreOvertakenWhenTheRowTheyWaitForIsWritten) {
  Table table({});
  HeldRows held;
  held.emplace(3, HeldRow{.row = 1, .error = {}});
  held.emplace(1, HeldRow{.row = 0, .error = {}});

  const Isolated isolated = write_isolated(table, {2, 3}, {.held = std::move(held)});

  EXPECT_EQ(table.written, (Rows{2, 3}));
  EXPECT_TRUE(isolated.refused.empty());
  EXPECT_EQ(isolated.overtaken, 2u);
}

TEST(HeldRows, TakeTheirTurnWhenTheRowTheyWaitForIsRefused) {
  Table table({3, 1});
  HeldRows held;
  held.emplace(3, HeldRow{.row = 1, .error = {}});
  held.emplace(1, HeldRow{.row = 0, .error = {}});

  const Isolated isolated = write_isolated(table, {2, 3, 4}, {.held = std::move(held)});

  EXPECT_EQ(table.written, (Rows{2, 0, 4}));
  EXPECT_EQ(rows_of(isolated.refused), (Rows{1, 3}));
  EXPECT_EQ(isolated.overtaken, 0u);
}

TEST(HeldRows, ThatAreForeseenGoInOrderWithTheOthers) {
  // 0 is a duplicate of the table; 3 has the key of 1, and 5 that of 2. 1 is bad in itself.
  Table table({0, 1});
  table.foresight.culprits.push_back({.row = 6, .error = {}, .outcome = Outcome::skipped});
  table.foresight.held.emplace(1, HeldRow{.row = 3, .error = RecordError{}});
  table.foresight.held.emplace(2, HeldRow{.row = 5, .error = RecordError{}});

  const Isolated isolated = write_isolated(table, {0, 1, 2, 3, 4, 5, 6}, {});

  EXPECT_EQ(table.written, (Rows{2, 3, 4}));
  EXPECT_EQ(rows_of(isolated.refused), (Rows{0, 1, 5, 6}));
  EXPECT_EQ(isolated.refused.back().outcome, Outcome::skipped);
}

}  // namespace
}  // namespace freight::sql::keyed_rows_test
