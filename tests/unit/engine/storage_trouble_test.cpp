#include "engine/storage_trouble.hpp"

#include <gtest/gtest.h>

namespace freight::engine {
namespace {

using std::chrono::milliseconds;

const Failure full{.code = Code::storage_full, .message = "no room"};

TEST(StorageTrouble, PausesGrowAndStayBounded) {
  StorageTrouble trouble;
  const StorageTrouble::TimePoint now;
  for (const int expected : {50, 100, 200, 400, 800, 1600, 2000, 2000}) {
    EXPECT_EQ(trouble.met(full, now), now + milliseconds(expected));
  }
  EXPECT_TRUE(trouble.holds_off(now + milliseconds(1999)));
  EXPECT_FALSE(trouble.holds_off(now + milliseconds(2000)));
}

TEST(StorageTrouble, IsForgottenWhenItIsOver) {
  StorageTrouble trouble;
  const StorageTrouble::TimePoint now;
  trouble.met(full, now);
  trouble.met(full, now);
  trouble.over();
  EXPECT_FALSE(trouble.failure());
  EXPECT_FALSE(trouble.holds_off(now));
  EXPECT_EQ(trouble.met(full, now), now + milliseconds(50));
}

TEST(StorageTrouble, AHiccupIsNotLasting) {
  StorageTrouble trouble;
  const StorageTrouble::TimePoint now;
  trouble.met(full, now);
  trouble.met(full, now);
  EXPECT_TRUE(trouble.failure());
  EXPECT_FALSE(trouble.lasting_failure());
  trouble.met(full, now);
  EXPECT_EQ(trouble.lasting_failure().value().code, Code::storage_full);
}

}  // namespace
}  // namespace freight::engine
