#include "engine/outage.hpp"

#include <gtest/gtest.h>

namespace freight::engine {
namespace {

using std::chrono::milliseconds;

TEST(Outage, LetsEverybodyGoAheadWhileThereIsNone) {
  Outage outage;
  EXPECT_EQ(outage.ask(Outage::TimePoint{}), milliseconds(0));
  EXPECT_EQ(outage.ask(Outage::TimePoint{}), milliseconds(0));
}

TEST(Outage, PausesGrowFrom200MillisecondsToFiveSeconds) {
  Outage outage;
  Outage::TimePoint now;
  for (const int expected : {200, 400, 800, 1600, 3200, 5000, 5000}) {
    const auto pause = outage.met(now);
    EXPECT_EQ(pause, milliseconds(expected));
    now += pause;
  }
}

TEST(Outage, AttemptsThatWereUnderWayTogetherMakeOnePause) {
  Outage outage;
  const Outage::TimePoint now;
  EXPECT_EQ(outage.met(now), milliseconds(200));
  EXPECT_EQ(outage.met(now + milliseconds(50)), milliseconds(150));
}

TEST(Outage, OneTriesWhileTheOthersWait) {
  Outage outage;
  const Outage::TimePoint now;
  outage.met(now);
  EXPECT_EQ(outage.ask(now + milliseconds(150)), milliseconds(50));
  EXPECT_EQ(outage.ask(now + milliseconds(200)), milliseconds(0));
  EXPECT_GT(outage.ask(now + milliseconds(200)), milliseconds(0));
  outage.over();
  EXPECT_EQ(outage.ask(now + milliseconds(201)), milliseconds(0));
}

TEST(Outage, AnAttemptThatLearntNothingLetsTheNextOneTry) {
  Outage outage;
  const Outage::TimePoint now;
  outage.met(now);
  EXPECT_EQ(outage.ask(now + milliseconds(200)), milliseconds(0));
  outage.left_open();
  EXPECT_EQ(outage.ask(now + milliseconds(200)), milliseconds(0));
}

TEST(Outage, WhatIsTriedAtOnceIsTriedAtOnceOnlyOnce) {
  Outage outage;
  const Outage::TimePoint now;
  EXPECT_EQ(outage.met(now, true), milliseconds(0));
  EXPECT_EQ(outage.ask(now), milliseconds(0));
  EXPECT_EQ(outage.met(now, true), milliseconds(400));
}

}  // namespace
}  // namespace freight::engine
