#include "connectors/sql/destination/isolation.hpp"

#include <algorithm>
#include <numeric>
#include <random>
#include <set>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace freight::sql {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// A table that refuses certain rows, and says as much about it as it is told to.
class Table final : public RowGroupWriter {
 public:
  enum class Tells { row, nothing, all_culprits, wrong_row };

  Table(std::set<std::uint32_t> bad, Tells tells) : bad_(std::move(bad)), tells_(tells) {}

  std::optional<Refusal> try_rows(std::span<const std::uint32_t> rows) override {
    ++attempts;
    sent += rows.size();
    std::vector<std::uint32_t> refused;
    for (const std::uint32_t row : rows) {
      if (bad_.contains(row)) refused.push_back(row);
    }
    if (refused.empty()) {
      written.insert(written.end(), rows.begin(), rows.end());
      return std::nullopt;
    }
    Refusal refusal;
    if (tells_ == Tells::row) {
      refusal.earlier_are_good = true;
      refusal.culprits.push_back({.row = refused.front(), .error = {}});
    }
    if (tells_ == Tells::all_culprits) {
      for (const std::uint32_t row : refused) refusal.culprits.push_back({.row = row, .error = {}});
    }
    if (tells_ == Tells::wrong_row && rows.size() > 1) {
      // Says of the last row what is true of an earlier one.
      refusal.earlier_are_good = true;
      refusal.culprits.push_back({.row = rows.back(), .error = {}});
    }
    return refusal;
  }

  std::size_t attempts = 0;
  std::size_t sent = 0;
  std::vector<std::uint32_t> written;

 private:
  std::set<std::uint32_t> bad_;
  Tells tells_;
};

std::vector<std::uint32_t> all_of(std::uint32_t count) {
  std::vector<std::uint32_t> rows(count);
  std::iota(rows.begin(), rows.end(), 0U);
  return rows;
}

std::vector<std::uint32_t> refused_of(Table& table, std::uint32_t count) {
  std::vector<std::uint32_t> refused;
  for (const RefusedRow& row : write_isolated(table, all_of(count), {}).refused) {
    refused.push_back(row.row);
  }
  return refused;
}

void expect_exact(Table& table, std::uint32_t count, const std::set<std::uint32_t>& bad) {
  EXPECT_EQ(refused_of(table, count), std::vector<std::uint32_t>(bad.begin(), bad.end()));
  std::vector<std::uint32_t> good;
  for (std::uint32_t row = 0; row < count; ++row) {
    if (!bad.contains(row)) good.push_back(row);
  }
  EXPECT_EQ(table.written, good);
}

TEST(Isolation, SendsGoodRowsOnce) {
  Table table({}, Table::Tells::row);
  expect_exact(table, 10'000, {});
  EXPECT_EQ(table.attempts, 1u);
}

TEST(Isolation, WritesNothingWhenThereIsNothing) {
  Table table({}, Table::Tells::row);
  EXPECT_THAT(write_isolated(table, {}, {.retry_foreign_keys = true, .held = {}}).refused,
              IsEmpty());
}

TEST(Isolation, FindsOneBadRowAnywhere) {
  for (const auto tells : {Table::Tells::row, Table::Tells::nothing, Table::Tells::all_culprits}) {
    for (const std::uint32_t bad : {0U, 1U, 499U, 500U, 998U, 999U}) {
      Table table({bad}, tells);
      expect_exact(table, 1000, {bad});
      EXPECT_LE(table.sent, 4000u) << bad;
    }
  }
}

TEST(Isolation, SendsAFewTimesTheRowsHoweverManyAreBad) {
  std::set<std::uint32_t> every_second;
  for (std::uint32_t row = 1; row < 10'000; row += 2) every_second.insert(row);
  std::set<std::uint32_t> all;
  for (std::uint32_t row = 0; row < 10'000; ++row) all.insert(row);
  std::set<std::uint32_t> second_half;
  for (std::uint32_t row = 5'000; row < 10'000; ++row) second_half.insert(row);
  std::set<std::uint32_t> hundredth;
  for (std::uint32_t row = 99; row < 10'000; row += 100) hundredth.insert(row);

  for (const auto& bad : {every_second, all, second_half, hundredth}) {
    for (const auto tells : {Table::Tells::row, Table::Tells::nothing}) {
      Table table(bad, tells);
      expect_exact(table, 10'000, bad);
      const std::size_t bound = tells == Table::Tells::row ? 35'000 : 120'000;
      EXPECT_LE(table.sent, bound) << bad.size() << " bad, " << table.attempts << " attempts";
    }
    Table table(bad, Table::Tells::all_culprits);
    expect_exact(table, 10'000, bad);
    EXPECT_LE(table.sent, 20'000u);
  }
}

TEST(Isolation, FindsWhatIsBadAtRandom) {
  std::mt19937 random(7);
  for (int round = 0; round < 50; ++round) {
    const auto count = static_cast<std::uint32_t>(random() % 300 + 1);
    std::set<std::uint32_t> bad;
    for (std::uint32_t row = 0; row < count; ++row) {
      if (random() % (static_cast<unsigned>(round) + 1) == 0) bad.insert(row);
    }
    for (const auto tells :
         {Table::Tells::row, Table::Tells::nothing, Table::Tells::all_culprits}) {
      Table table(bad, tells);
      expect_exact(table, count, bad);
    }
  }
}

TEST(Isolation, DoesNotBelieveThatRowsAreGoodWhichAreNot) {
  // The last row of a group is blamed for an earlier one: no good row may be lost before it, and
  // none that is bad may be written.
  Table table({3}, Table::Tells::wrong_row);
  const auto refused = refused_of(table, 8);
  EXPECT_TRUE(std::find(refused.begin(), refused.end(), 3U) != refused.end());
  EXPECT_TRUE(std::find(table.written.begin(), table.written.end(), 3U) == table.written.end());
  EXPECT_EQ(refused.size() + table.written.size(), 8u);
}

// Each row's parent is the row that `parent_of` names; a root has none.
class Tree final : public RowGroupWriter {
 public:
  explicit Tree(std::vector<int> parent_of) : parent_of_(std::move(parent_of)) {}

  std::optional<Refusal> try_rows(std::span<const std::uint32_t> rows) override {
    ++attempts;
    std::set<int> present = present_;
    for (const std::uint32_t row : rows) present.insert(static_cast<int>(row));
    for (const std::uint32_t row : rows) {
      const int parent = parent_of_[row];
      if (parent >= 0 && !present.contains(parent)) {
        Refusal refusal;
        refusal.error.code = Code::foreign_key_violation;
        return refusal;
      }
    }
    present_ = present;
    return std::nullopt;
  }

  std::size_t attempts = 0;

 private:
  std::vector<int> parent_of_;
  std::set<int> present_;
};

TEST(Isolation, TriesOrphansAgainAfterTheirParents) {
  // 0 has no parent anywhere; 1 -> 3 -> 5 -> root 6; 2 hangs on 0.
  Tree tree({99, 3, 0, 5, 6, 6, -1});
  const auto refused =
      write_isolated(tree, all_of(7), {.retry_foreign_keys = true, .held = {}}).refused;
  std::vector<std::uint32_t> rows;
  for (const RefusedRow& row : refused) rows.push_back(row.row);
  EXPECT_THAT(rows, ElementsAre(0, 2));
}

TEST(Isolation, WalksALongChainInEitherDirection) {
  for (const bool towards_the_end : {true, false}) {
    std::vector<int> parents;
    for (int row = 0; row < 2000; ++row) parents.push_back(towards_the_end ? row + 1 : row - 1);
    parents.front() = towards_the_end ? 1 : -1;
    parents.back() = towards_the_end ? -1 : 1998;
    parents.push_back(5000);  // an orphan, so that the whole cannot be written at once
    Tree tree(parents);
    const auto refused =
        write_isolated(tree, all_of(2001), {.retry_foreign_keys = true, .held = {}}).refused;
    ASSERT_EQ(refused.size(), 1u);
    EXPECT_EQ(refused.front().row, 2000u);
    EXPECT_LE(tree.attempts, 20'000u);
  }
}

}  // namespace
}  // namespace freight::sql
