#include "freight/record.hpp"

#include <cstring>
#include <string>
#include <utility>

#include <gtest/gtest.h>

namespace freight {
namespace {

TEST(TextArena, KeepsEveryTextWhereItIs) {
  TextArena arena;
  std::vector<std::pair<std::string, std::string_view>> kept;
  for (std::size_t size : {0, 1, 100, 70'000, 3, 64'000, 2'000'000, 5, 0}) {
    const std::string text(size, static_cast<char>('a' + kept.size()));
    kept.emplace_back(text, arena.copy(text));
  }
  for (const auto& [text, view] : kept) {
    EXPECT_EQ(view, text);
    EXPECT_NE(view.data(), nullptr);
  }
}

TEST(TextArena, GivesTheUnusedEndBack) {
  TextArena arena;
  char* const first = arena.allocate(100);
  arena.shrink_last(100, 10);
  EXPECT_EQ(arena.allocate(1), first + 10);
}

TEST(TextArena, ServesTheSameMemoryAgainAfterClear) {
  TextArena arena;
  const char* const first = arena.allocate(10);
  arena.clear();
  EXPECT_EQ(arena.allocate(10), first);
  arena.allocate(5'000'000);
  arena.clear();
  std::memset(arena.allocate(5'000'000), 'x', 5'000'000);
}

TEST(TextArena, IsUsableAfterItWasMovedFrom) {
  TextArena arena;
  arena.copy("some text");
  TextArena other = std::move(arena);
  EXPECT_EQ(arena.copy("again"),
            "again");  // NOLINT(bugprone-use-after-move): that it can be is tested
  EXPECT_EQ(other.copy("more"), "more");
}

TEST(RecordBatch, ClearForgetsTheRecords) {
  RecordBatch batch;
  batch.layout = std::make_shared<const std::vector<std::string>>(std::vector<std::string>{"a"});
  batch.buffer = {'x'};
  batch.records.push_back({});
  batch.fields.push_back({});
  batch.errors.push_back({});
  batch.extra_fields.emplace_back(0, "b");
  batch.clear();
  EXPECT_EQ(batch.layout, nullptr);
  EXPECT_TRUE(batch.buffer.empty() && batch.records.empty() && batch.fields.empty() &&
              batch.errors.empty() && batch.extra_fields.empty());
  EXPECT_GE(batch.buffer.capacity(), 1U);
}

TEST(RecordNames, AreReadBack) {
  for (int index = 0; index <= static_cast<int>(ValueType::json); ++index) {
    const auto type = static_cast<ValueType>(index);
    EXPECT_EQ(parse_value_type(to_string(type)), type);
  }
  for (int index = 0; index <= static_cast<int>(Stage::write); ++index) {
    const auto stage = static_cast<Stage>(index);
    EXPECT_EQ(parse_stage(to_string(stage)), stage);
  }
  for (int index = 0; index <= static_cast<int>(Outcome::pending); ++index) {
    const auto outcome = static_cast<Outcome>(index);
    EXPECT_EQ(parse_outcome(to_string(outcome)), outcome);
  }
  EXPECT_EQ(to_string(ValueType::datetime), "datetime");
  EXPECT_EQ(to_string(Stage::validate), "validate");
  EXPECT_EQ(to_string(Outcome::pending), "pending");
}

}  // namespace
}  // namespace freight
