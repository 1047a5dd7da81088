#include "engine/write_turns.hpp"

#include <gtest/gtest.h>

namespace freight::engine {
namespace {

using Answer = WriteTurns::Answer;

class WriteTurnsTest : public ::testing::Test {
 protected:
  LeaseToken enter(std::uint64_t sequence) {
    Task task;
    task.token = LeaseToken::generate();
    task.sequence = sequence;
    task.ordered = true;
    const auto token = task.token;
    turns_.enter(std::make_shared<LeasedTask>(std::move(task), Deadline::TimePoint::max()));
    return token;
  }

  Answer arrive(LeaseToken token, bool may_park = true) {
    PreparedBatch prepared{.buffer = buffers_.lend(), .started_at = {}};
    return turns_.arrive(token, prepared, may_park);
  }

  std::optional<std::uint64_t> next_ready() {
    const auto leased = turns_.next_ready();
    return leased ? std::optional(leased->task.sequence) : std::nullopt;
  }

  BatchBuffers buffers_;
  WriteTurns turns_;
};

TEST_F(WriteTurnsTest, TheFirstWritesAndTheOthersAreParkedUntilItIsDone) {
  const auto first = enter(4);
  const auto second = enter(5);
  const auto third = enter(6);
  EXPECT_EQ(arrive(third), Answer::park);
  EXPECT_EQ(arrive(second), Answer::park);
  EXPECT_EQ(arrive(first), Answer::write);
  EXPECT_EQ(next_ready(), std::nullopt);
  turns_.done(first);
  EXPECT_EQ(next_ready(), 5U);
  EXPECT_EQ(next_ready(), std::nullopt);
  EXPECT_TRUE(turns_.unpark(second));
  EXPECT_EQ(arrive(second), Answer::write);
  turns_.done(second);
  EXPECT_EQ(next_ready(), 6U);
  turns_.done(third);
  EXPECT_TRUE(turns_.empty());
}

TEST_F(WriteTurnsTest, WhatIsBehindABatchThatLeftUnwrittenGoesBack) {
  const auto first = enter(4);
  const auto second = enter(5);
  const auto third = enter(6);
  EXPECT_EQ(arrive(second), Answer::park);
  turns_.leave(first);
  EXPECT_EQ(next_ready(), 5U);
  EXPECT_TRUE(turns_.unpark(second));
  EXPECT_EQ(arrive(second), Answer::go_back);
  EXPECT_EQ(arrive(third), Answer::go_back);
}

TEST_F(WriteTurnsTest, WhatIsBehindItGoesBackAlsoWhenItComesAgain) {
  // Another node may have written the first in between.
  const auto first = enter(4);
  const auto second = enter(5);
  turns_.leave(first);
  turns_.settle(first);
  const auto again = enter(4);
  EXPECT_EQ(arrive(second), Answer::go_back);
  turns_.leave(second);
  EXPECT_EQ(arrive(again), Answer::write);
}

TEST_F(WriteTurnsTest, WhatWasClaimedBeforeStorageKnewGoesBackAndWhatAfterDoesNot) {
  const auto first = enter(4);
  turns_.leave(first);
  const auto before = enter(5);
  EXPECT_EQ(arrive(before), Answer::go_back);
  turns_.leave(before);
  turns_.settle(first);
  turns_.settle(before);
  const auto after = enter(6);
  EXPECT_EQ(arrive(after), Answer::write) << "storage gave 4 and 5 to others, who wrote them";
}

TEST_F(WriteTurnsTest, WithoutRoomABatchGoesBackAndKeepsItsBuffer) {
  enter(4);
  const auto second = enter(5);
  EXPECT_EQ(arrive(second, false), Answer::go_back);
  EXPECT_FALSE(turns_.unpark(second));
}

TEST_F(WriteTurnsTest, ALeaseThatIsNotKnownMayNotWrite) {
  EXPECT_EQ(arrive(LeaseToken::generate()), Answer::go_back);
}

TEST_F(WriteTurnsTest, ParkedBuffersComeBackWhenAllIsForgotten) {
  enter(4);
  const auto second = enter(5);
  EXPECT_EQ(arrive(second), Answer::park);
  EXPECT_EQ(buffers_.lent(), 1U);
  const auto parked = turns_.clear();
  ASSERT_EQ(parked.size(), 1U);
  EXPECT_EQ(parked[0]->task.token, second);
  EXPECT_EQ(buffers_.lent(), 0U);
  EXPECT_TRUE(turns_.empty());
}

TEST(BatchBuffers, MayOutliveTheirOwner) {
  BatchBuffers::Lent lent = BatchBuffers().lend();
  lent->records.buffer.resize(10);
}

}  // namespace
}  // namespace freight::engine
