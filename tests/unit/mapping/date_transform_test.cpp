#include <gtest/gtest.h>

#include "transform_testing.hpp"

namespace freight::mapping {
namespace {

using std::chrono::minutes;

Transform parse_date(std::string format) {
  return {.kind = TransformKind::parse_date, .argument = std::move(format)};
}
Transform format_date(std::string format) {
  return {.kind = TransformKind::format_date, .argument = std::move(format)};
}

TEST(ParseDate, MakesADateOrADatetimeAsTheFormatSays) {
  EXPECT_EQ(made(parse_date("%d.%m.%Y"), "29.02.2024"), "2024-02-29");
  EXPECT_EQ(made(parse_date("%d %b %y"), "1 Mar 99"), "1999-03-01");
  EXPECT_EQ(made(parse_date("%d.%m.%Y %H:%M"), "29.02.2024 12:30"), "2024-02-29 12:30:00+00:00");
  EXPECT_EQ(made(parse_date("%Y%m%d%H%z"), "2024022912+0200"), "2024-02-29 10:00:00+00:00");
  EXPECT_EQ(made(parse_date("epoch_s"), "86400"), "1970-01-02 00:00:00+00:00");
  EXPECT_EQ(made(parse_date("100%% %Y-%m-%d"), "100% 2024-02-29"), "2024-02-29");
}

TEST(ParseDate, WithoutAZoneIsInTheSchemas) {
  EXPECT_EQ(chained({parse_date("%d.%m.%Y %H:%M")}, "01.01.2024 00:30", minutes{60}),
            "2023-12-31 23:30:00+00:00");
}

TEST(ParseDate, RefusesWhatIsNoDate) {
  for (const char* text : {"2024-02-29", "30.02.2024", "", "29.02.2024 ", "29.02.24"})
    EXPECT_EQ(made(parse_date("%d.%m.%Y"), text), "!type_mismatch") << text;
  EXPECT_EQ(made(parse_date("epoch_s"), "99999999999999"), "!out_of_range");
}

TEST(FormatDate, WritesEveryLetter) {
  const char* const moment = "2024-02-09 14:05:06.000700+00:00";
  EXPECT_EQ(made(format_date("%Y %y %m %d %j"), moment), "2024 24 02 09 040");
  EXPECT_EQ(made(format_date("%b %B"), moment), "Feb February");
  EXPECT_EQ(made(format_date("%H %I %M %S %f %p %z"), moment), "14 02 05 06 000700 PM +0000");
  EXPECT_EQ(made(format_date("%% %d"), moment), "% 09");
  EXPECT_EQ(made(format_date("%I %p"), "00:30"), "12 AM");
  EXPECT_EQ(made(format_date("%I %p"), "12:30"), "12 PM");
  EXPECT_EQ(made(format_date("%j"), "2024-12-31"), "366");
}

TEST(FormatDate, ReadsDatesTimesAndDatetimes) {
  EXPECT_EQ(made(format_date("%d.%m.%Y"), "2024-02-29"), "29.02.2024");
  EXPECT_EQ(made(format_date("%d.%m.%Y %H:%M"), "2024-02-29"), "29.02.2024 00:00");
  EXPECT_EQ(made(format_date("%H.%M"), "12:30:59.5"), "12.30");
  EXPECT_EQ(made(format_date("%H.%M"), "12:30"), "12.30");
  EXPECT_EQ(made(format_date("%d.%m.%Y %H:%M"), "2024-02-29T23:30:00Z"), "29.02.2024 23:30");
  EXPECT_EQ(made(format_date("%Y"), "2024-02-29T23:30"), "2024");
}

TEST(FormatDate, WritesInTheSchemasZone) {
  EXPECT_EQ(chained({format_date("%d %H:%M %z")}, "2024-02-29 23:30:00+00:00", minutes{90}),
            "01 01:00 +0130");
  EXPECT_EQ(chained({format_date("%H:%M")}, "2024-02-29T12:00", minutes{90}), "12:00");
  EXPECT_EQ(chained({format_date("%H:%M")}, "2024-02-29T12:00-01:00", minutes{-300}), "08:00");
  EXPECT_EQ(chained({format_date("%d")}, "2024-02-29", minutes{-300}), "29");
}

TEST(FormatDate, WritesEpochsWithTheirFraction) {
  EXPECT_EQ(made(format_date("epoch_s"), "1970-01-02"), "86400");
  EXPECT_EQ(made(format_date("epoch_s"), "1970-01-01 00:00:01.500000+00:00"), "1.5");
  EXPECT_EQ(made(format_date("epoch_s"), "1969-12-31 23:59:59.500000+00:00"), "-0.5");
  EXPECT_EQ(made(format_date("epoch_ms"), "1970-01-01 00:00:01.234567+00:00"), "1234.567");
  EXPECT_EQ(chained({format_date("epoch_s")}, "1970-01-01", minutes{60}), "-3600");
}

TEST(FormatDate, UndoesParseDate) {
  for (const minutes zone : {minutes{0}, minutes{345}, minutes{-720}}) {
    const std::string format = "%d.%m.%Y %I:%M:%S.%f %p";
    EXPECT_EQ(
        chained({parse_date(format), format_date(format)}, "29.02.2024 11:59:58.000001 PM", zone),
        "29.02.2024 11:59:58.000001 PM");
  }
}

TEST(FormatDate, RefusesWhatIsNotIsoOrHasNoDateForTheFormat) {
  for (const char* text : {"29.02.2024", "2024-02-30", "", "12:3", "24:00", "2024-02-29T12:00x"})
    EXPECT_EQ(made(format_date("%H:%M"), text), "!type_mismatch") << text;
  EXPECT_EQ(made(format_date("%d.%m."), "12:30"), "!type_mismatch");
  EXPECT_EQ(made(format_date("epoch_s"), "12:30"), "!type_mismatch");
  EXPECT_EQ(chained({format_date("%Y")}, "9999-12-31T23:59Z", minutes{60}), "!out_of_range");
}

TEST(FormatDate, RefusesUnknownLetters) {
  EXPECT_EQ(refusal_of(format_date("%Q")), "invalid_value");
  EXPECT_EQ(refusal_of(format_date("%")), "invalid_value");
  EXPECT_EQ(refusal_of(parse_date("%H:%M:%Q")), "invalid_value");
}

}  // namespace
}  // namespace freight::mapping
