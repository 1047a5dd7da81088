#include "freight/time.hpp"

#include <gtest/gtest.h>

namespace freight {
namespace {

using std::chrono::microseconds;

TEST(FormatTimestamp, WritesUtcWithSixDecimals) {
  EXPECT_EQ(format_timestamp(Timestamp{}), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(format_timestamp(Timestamp{microseconds{1'795'428'000'123'456}}),
            "2026-11-23T10:00:00.123456Z");
  EXPECT_EQ(format_timestamp(Timestamp{microseconds{-1}}), "1969-12-31T23:59:59.999999Z");
  EXPECT_EQ(format_timestamp(Timestamp{microseconds{253'402'300'799'999'999}}),
            "9999-12-31T23:59:59.999999Z");
}

TEST(ParseTimestamp, ReadsWhatFormatWrites) {
  for (const std::int64_t value :
       {std::int64_t{0}, std::int64_t{-1}, std::int64_t{1'795'428'000'123'456},
        std::int64_t{951'782'400'000'000}, std::int64_t{253'402'300'799'999'999}}) {
    const Timestamp time{microseconds{value}};
    EXPECT_EQ(parse_timestamp(format_timestamp(time)), time);
  }
}

TEST(ParseTimestamp, ReadsZonesAndShortFractions) {
  const auto expected = parse_timestamp("2026-11-23T10:00:00.5Z");
  ASSERT_TRUE(expected.has_value());
  EXPECT_EQ(parse_timestamp("2026-11-23T10:00:00.500000+00:00"), expected);
  EXPECT_EQ(parse_timestamp("2026-11-23t12:30:00.50+02:30"), expected);
  EXPECT_EQ(parse_timestamp("2026-11-22 23:00:00.5-11:00"), expected);
  EXPECT_EQ(parse_timestamp("2026-11-23T10:00:00.5z"), expected);
  EXPECT_EQ(parse_timestamp("2024-02-29T00:00:00Z"), parse_timestamp("2024-02-28T23:00:00-01:00"));
}

TEST(ParseTimestamp, RefusesEverythingElse) {
  for (const auto* text : {"",
                           "2026-11-23",
                           "2026-11-23T10:00:00",
                           "2026-11-23T10:00Z",
                           "2026-02-29T10:00:00Z",
                           "2026-13-01T10:00:00Z",
                           "2026-00-10T10:00:00Z",
                           "2026-11-23T24:00:00Z",
                           "2026-11-23T10:60:00Z",
                           "2026-11-23T10:00:60Z",
                           "2026-11-23T10:00:00.Z",
                           "2026-11-23T10:00:00.1234567Z",
                           "2026-11-23T10:00:00+24:00",
                           "2026-11-23T10:00:00+02:60",
                           "2026-11-23T10:00:00+0200",
                           "2026-11-23T10:00:00Z ",
                           " 2026-11-23T10:00:00Z",
                           "26-11-23T10:00:00Z",
                           "2026-11-23_10:00:00Z",
                           "+026-11-23T10:00:00Z"}) {
    EXPECT_FALSE(parse_timestamp(text).has_value()) << text;
  }
}

TEST(SystemClock, GoesOnAndIsOneObject) {
  const Clock& clock = system_clock();
  EXPECT_EQ(&clock, &system_clock());
  const auto steady = clock.steady_now();
  EXPECT_GE(clock.steady_now(), steady);
  const auto apart = std::chrono::system_clock::now() - clock.now();
  EXPECT_LT(std::chrono::abs(apart), std::chrono::seconds{10});
}

}  // namespace
}  // namespace freight
