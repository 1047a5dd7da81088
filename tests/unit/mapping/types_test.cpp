#include <chrono>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "freight/error.hpp"
#include "mapping/values/converter.hpp"
#include "mapping/values/date_time.hpp"
#include "mapping/values/numbers.hpp"
#include "mapping/values/time_format.hpp"

namespace freight::mapping {
namespace {

struct Case {
  std::string text;
  /// The canonical text; for a text that is refused `!` and the code.
  std::string expected;
};

std::string converted_by(const Converter& converter, std::string_view text,
                         FieldKind kind = FieldKind::unquoted) {
  TextArena arena;
  ArenaWriter writer(arena);
  Converted converted;
  const Fault fault = converter.convert(text, kind, writer, converted);
  if (fault == Fault::none) return std::string(converted.text);
  const Diagnosis diagnosis = converter.diagnose(text, fault);
  EXPECT_FALSE(diagnosis.message.empty()) << text;
  EXPECT_FALSE(diagnosis.expected.empty()) << text;
  return "!" + std::string(to_string(diagnosis.code));
}

void expect(const ConverterOptions& options, const std::vector<Case>& cases) {
  const Converter converter(options);
  for (const Case& one : cases)
    EXPECT_EQ(converted_by(converter, one.text), one.expected) << "text: " << one.text;
}

ConverterOptions of(ValueType type) {
  ConverterOptions options;
  options.type = type;
  return options;
}

ConverterOptions of(ValueType type, std::string format) {
  ConverterOptions options = of(type);
  options.format = std::move(format);
  return options;
}

TEST(Types, StringStaysAsItIs) {
  expect(
      of(ValueType::string),
      {{"007", "007"}, {" x ", " x "}, {"\xF0\x9F\x98\x80", "\xF0\x9F\x98\x80"}, {"1.50", "1.50"}});
}

TEST(Types, IntegerWithin64Bits) {
  expect(of(ValueType::integer), {{"0", "0"},
                                  {"-0", "0"},
                                  {"+12", "12"},
                                  {"007", "7"},
                                  {"-007", "-7"},
                                  {"+000", "0"},
                                  {"9223372036854775807", "9223372036854775807"},
                                  {"-9223372036854775808", "-9223372036854775808"},
                                  {"00000000000000000000000000012", "12"},
                                  {"9223372036854775808", "!out_of_range"},
                                  {"-9223372036854775809", "!out_of_range"},
                                  {"18446744073709551617", "!out_of_range"},
                                  {"100000000000000000000000000000", "!out_of_range"},
                                  {"", "!type_mismatch"},
                                  {"-", "!type_mismatch"},
                                  {"+", "!type_mismatch"},
                                  {"--1", "!type_mismatch"},
                                  {"12x", "!type_mismatch"},
                                  {"12.0", "!type_mismatch"},
                                  {" 12", "!type_mismatch"},
                                  {"1e3", "!type_mismatch"},
                                  {"99999999999999999999x", "!type_mismatch"},
                                  {"\xD9\xA1", "!type_mismatch"}});
}

TEST(Types, DecimalKeepsEveryDigit) {
  expect(of(ValueType::decimal),
         {{"0.1", "0.1"},
          {"12345678901234567890.123456789", "12345678901234567890.123456789"},
          {"466061.60", "466061.60"},
          {"-0.10", "-0.10"},
          {"+1.5", "1.5"},
          {".5", ".5"},
          {"5.", "5."},
          {"1e5", "1e5"},
          {"1.5E-10", "1.5E-10"},
          {"007.50", "007.50"},
          {"", "!type_mismatch"},
          {".", "!type_mismatch"},
          {"1.2.3", "!type_mismatch"},
          {"1,5", "!type_mismatch"},
          {"1e", "!type_mismatch"},
          {"1e+", "!type_mismatch"},
          {"e5", "!type_mismatch"},
          {"NaN", "!type_mismatch"},
          {"0x10", "!type_mismatch"},
          {" 1.5", "!type_mismatch"}});
  const std::string digits(10'000, '7');
  expect(of(ValueType::decimal), {{digits + "." + digits, digits + "." + digits}});
}

TEST(Types, NumberWithinADouble) {
  expect(of(ValueType::number), {{"1.5", "1.5"},
                                 {"1e308", "1e308"},
                                 {"1.7976931348623157e308", "1.7976931348623157e308"},
                                 {"1e309", "!out_of_range"},
                                 {"-1e999999999999999999999", "!out_of_range"},
                                 {"1e-320", "1e-320"},
                                 {"1e-400", "!out_of_range"},
                                 {"0e999999", "0e999999"},
                                 {"0.000", "0.000"},
                                 {"inf", "!type_mismatch"}});
  expect(of(ValueType::number), {{std::string(309, '9'), "!out_of_range"},
                                 {std::string(308, '9'), std::string(308, '9')},
                                 {"0." + std::string(500, '0') + "1", "!out_of_range"}});
}

TEST(Types, DecimalCharAndGroupChar) {
  ConverterOptions german = of(ValueType::decimal);
  german.decimal_char = ",";
  german.group_char = ".";
  expect(german, {{"1.234.567,89", "1234567.89"},
                  {"1234567,89", "1234567.89"},
                  {"-1.234,5", "-1234.5"},
                  {"+12,5", "12.5"},
                  {"1.500", "1500"},
                  {",5", ".5"},
                  {"1,5e3", "1.5e3"},
                  {"1.5", "!type_mismatch"},
                  {"12.34", "!type_mismatch"},
                  {"1.23.456", "123456"},
                  {"1.2.456", "!type_mismatch"},
                  {"1..234", "!type_mismatch"},
                  {".234", "!type_mismatch"},
                  {"1.234,567.8", "!type_mismatch"},
                  {"1,234,5", "!type_mismatch"}});
  ConverterOptions swiss = of(ValueType::decimal);
  swiss.group_char = "\xE2\x80\x99";
  expect(swiss, {{"1\xE2\x80\x99"
                  "234.50",
                  "1234.50"},
                 {"1'234.50", "!type_mismatch"}});
  ConverterOptions indian = of(ValueType::integer);
  indian.group_char = ",";
  expect(indian, {{"12,34,567", "1234567"},
                  {"1,234", "1234"},
                  {"-007", "-7"},
                  {"12,34", "!type_mismatch"},
                  {"1234,567", "!type_mismatch"},
                  {"1,234.5", "!type_mismatch"}});
  // JSON numbers are written as JSON writes them, whatever the field's own characters.
  EXPECT_EQ(converted_by(Converter(german), "1.5", FieldKind::decimal), "1.5");
}

TEST(Types, BooleanWordsInAnyCase) {
  for (const char* text : {"true", "TRUE", "True", "t", "T", "yes", "Yes", "Y", "y", "1"})
    expect(of(ValueType::boolean), {{text, "true"}});
  for (const char* text : {"false", "FALSE", "f", "no", "NO", "n", "0"})
    expect(of(ValueType::boolean), {{text, "false"}});
  for (const char* text : {"", "2", "on", "oui", "truee", "tru", "00"})
    expect(of(ValueType::boolean), {{text, "!type_mismatch"}});
}

TEST(Types, BooleanWordsOfTheField) {
  ConverterOptions french = of(ValueType::boolean);
  french.true_values = {"oui"};
  french.false_values = {"non"};
  expect(french, {{"oui", "true"},
                  {"non", "false"},
                  {"OUI", "!type_mismatch"},
                  {"yes", "!type_mismatch"},
                  {"0", "!type_mismatch"}});
  ConverterOptions crossed = of(ValueType::boolean);
  crossed.true_values = {"X"};
  expect(crossed, {{"X", "true"}, {"no", "false"}, {"yes", "!type_mismatch"}});
  EXPECT_EQ(converted_by(Converter(french), "true", FieldKind::boolean), "true");
}

TEST(Types, DateOfTheCalendar) {
  expect(of(ValueType::date), {{"2024-02-29", "2024-02-29"},
                               {"2000-02-29", "2000-02-29"},
                               {"0001-01-01", "0001-01-01"},
                               {"9999-12-31", "9999-12-31"},
                               {"2023-02-29", "!type_mismatch"},
                               {"1900-02-29", "!type_mismatch"},
                               {"2024-04-31", "!type_mismatch"},
                               {"2024-13-01", "!type_mismatch"},
                               {"2024-00-10", "!type_mismatch"},
                               {"2024-01-00", "!type_mismatch"},
                               {"0000-01-01", "!out_of_range"},
                               {"10000-01-01", "!type_mismatch"},
                               {"-0044-03-15", "!type_mismatch"},
                               {"44-03-15 BC", "!type_mismatch"},
                               {"2024-1-2", "!type_mismatch"},
                               {"2024/01/02", "!type_mismatch"},
                               {"2024-01-02T00:00", "!type_mismatch"},
                               {"", "!type_mismatch"}});
}

TEST(Types, TimeOfTheDay) {
  expect(of(ValueType::time), {{"00:00", "00:00:00"},
                               {"23:59:59", "23:59:59"},
                               {"12:30:00.5", "12:30:00.500000"},
                               {"12:30:00.123456", "12:30:00.123456"},
                               {"12:30:00.000000", "12:30:00"},
                               {"12:30:00.1234560", "12:30:00.123456"},
                               {"12:30:00.1234567", "!out_of_range"},
                               {"24:00", "!type_mismatch"},
                               {"24:00:00", "!type_mismatch"},
                               {"12:60", "!type_mismatch"},
                               {"23:59:60", "!type_mismatch"},
                               {"9:30", "!type_mismatch"},
                               {"12", "!type_mismatch"},
                               {"12:30:", "!type_mismatch"},
                               {"12:30:00.", "!type_mismatch"},
                               {"12:30Z", "!type_mismatch"},
                               {"12:30 PM", "!type_mismatch"}});
}

TEST(Types, DatetimeInUtc) {
  expect(of(ValueType::datetime),
         {{"2024-02-29T12:30", "2024-02-29 12:30:00+00:00"},
          {"2024-02-29 12:30:05", "2024-02-29 12:30:05+00:00"},
          {"2024-02-29T12:30:05Z", "2024-02-29 12:30:05+00:00"},
          {"2024-02-29 12:30:05+00:00", "2024-02-29 12:30:05+00:00"},
          {"2024-02-29 12:30:05.25+00:00", "2024-02-29 12:30:05.250000+00:00"},
          {"2024-02-29T12:30:05.123456-08:00", "2024-02-29 20:30:05.123456+00:00"},
          {"2024-01-01T00:30+01", "2023-12-31 23:30:00+00:00"},
          {"2024-02-28T23:30-05:30", "2024-02-29 05:00:00+00:00"},
          {"2024-12-31T23:59:59-00:01", "2025-01-01 00:00:59+00:00"},
          {"2024-02-29T12:30:05.1234567Z", "!out_of_range"},
          {"0001-01-01T00:00+01:00", "!out_of_range"},
          {"9999-12-31T23:59-01:00", "!out_of_range"},
          {"2023-02-29T12:30", "!type_mismatch"},
          {"2024-02-29T24:00", "!type_mismatch"},
          {"2024-02-29", "!type_mismatch"},
          {"2024-02-29T12", "!type_mismatch"},
          {"2024-02-29_12:30", "!type_mismatch"},
          {"2024-02-29T12:30+16:00", "!type_mismatch"},
          {"2024-02-29T12:30+01:60", "!type_mismatch"},
          {"2024-02-29T12:30+0100", "!type_mismatch"},
          {"2024-02-29T12:30 Z", "!type_mismatch"},
          {"2024-02-29T12:30z", "!type_mismatch"},
          {"12024-02-29T12:30", "!type_mismatch"}});
  ConverterOptions zurich = of(ValueType::datetime);
  zurich.timezone = std::chrono::minutes{60};
  expect(zurich, {{"2024-01-01T00:30", "2023-12-31 23:30:00+00:00"},
                  {"2024-01-01T00:30Z", "2024-01-01 00:30:00+00:00"}});
}

TEST(Types, FormatsOfDates) {
  expect(of(ValueType::date, "%d.%m.%Y"), {{"31.12.1999", "1999-12-31"},
                                           {"1.2.2024", "2024-02-01"},
                                           {"29.02.2023", "!type_mismatch"},
                                           {"31.12.99", "!type_mismatch"},
                                           {"31.12.1999 ", "!type_mismatch"},
                                           {"31-12-1999", "!type_mismatch"},
                                           {"32.01.2024", "!type_mismatch"},
                                           {"1.1.20245", "!type_mismatch"}});
  expect(of(ValueType::date, "%Y%m%d"), {{"20240229", "2024-02-29"}, {"2024022", "2024-02-02"}});
  expect(
      of(ValueType::date, "%d-%b-%y"),
      {{"03-Mar-68", "2068-03-03"}, {"03-MAR-69", "1969-03-03"}, {"03-Mai-69", "!type_mismatch"}});
  expect(of(ValueType::date, "%B %d, %Y"), {{"September 5, 2024", "2024-09-05"},
                                            {"sep 5, 2024", "2024-09-05"},
                                            {"May 5, 2024", "2024-05-05"}});
  expect(of(ValueType::date, "%Y-%j"), {{"2024-366", "2024-12-31"},
                                        {"2024-60", "2024-02-29"},
                                        {"2023-366", "!type_mismatch"},
                                        {"2023-000", "!type_mismatch"}});
  expect(of(ValueType::date, "%Y-%m-%d %H:%M"),
         {{"2024-02-29 00:00", "2024-02-29"}, {"2024-02-29 00:01", "!type_mismatch"}});
  expect(of(ValueType::date, "100%% %Y/%m/%d"), {{"100% 2024/1/2", "2024-01-02"}});
}

TEST(Types, FormatsOfTimes) {
  expect(of(ValueType::time, "%I:%M %p"), {{"12:05 AM", "00:05:00"},
                                           {"12:05 pm", "12:05:00"},
                                           {"1:05 PM", "13:05:00"},
                                           {"13:05 PM", "!type_mismatch"},
                                           {"0:05 AM", "!type_mismatch"},
                                           {"1:05", "!type_mismatch"}});
  expect(of(ValueType::time, "%H%M%S.%f"), {{"235959.5", "23:59:59.500000"},
                                            {"240000.0", "!type_mismatch"},
                                            {"000000.1234567", "!out_of_range"}});
}

TEST(Types, FormatsOfDatetimes) {
  expect(of(ValueType::datetime, "%d/%m/%Y %H:%M:%S %z"),
         {{"29/02/2024 01:00:00 +0200", "2024-02-28 23:00:00+00:00"},
          {"29/02/2024 01:00:00 -05:30", "2024-02-29 06:30:00+00:00"},
          {"29/02/2024 01:00:00 Z", "2024-02-29 01:00:00+00:00"},
          {"29/02/2024 01:00:00 +1", "!type_mismatch"},
          {"29/02/2024 01:00:00", "!type_mismatch"}});
  ConverterOptions zurich = of(ValueType::datetime, "%d.%m.%Y");
  zurich.timezone = std::chrono::minutes{120};
  expect(zurich, {{"01.01.2024", "2023-12-31 22:00:00+00:00"}});
}

TEST(Types, Epochs) {
  expect(of(ValueType::datetime, "epoch_s"), {{"0", "1970-01-01 00:00:00+00:00"},
                                              {"1700000000", "2023-11-14 22:13:20+00:00"},
                                              {"-1", "1969-12-31 23:59:59+00:00"},
                                              {"-0.5", "1969-12-31 23:59:59.500000+00:00"},
                                              {"1.000001", "1970-01-01 00:00:01.000001+00:00"},
                                              {"1.0000001", "!out_of_range"},
                                              {"253402300799", "9999-12-31 23:59:59+00:00"},
                                              {"253402300800", "!out_of_range"},
                                              {"-62135596800", "0001-01-01 00:00:00+00:00"},
                                              {"-62135596801", "!out_of_range"},
                                              {"99999999999999999999999", "!out_of_range"},
                                              {"1e9", "!type_mismatch"},
                                              {"", "!type_mismatch"},
                                              {"1.", "!type_mismatch"}});
  expect(of(ValueType::datetime, "epoch_ms"),
         {{"1700000000123", "2023-11-14 22:13:20.123000+00:00"},
          {"-1", "1969-12-31 23:59:59.999000+00:00"},
          {"1.5", "1970-01-01 00:00:00.001500+00:00"},
          {"1.5001", "!out_of_range"},
          {"253402300800000", "!out_of_range"}});
  expect(of(ValueType::date, "epoch_s"), {{"86400", "1970-01-02"}, {"86401", "!type_mismatch"}});
  // A zone of the schema is for texts without one; an epoch is UTC by itself.
  ConverterOptions zurich = of(ValueType::datetime, "epoch_s");
  zurich.timezone = std::chrono::minutes{60};
  expect(zurich, {{"0", "1970-01-01 00:00:00+00:00"}});
}

TEST(Types, FormatsThatAreNone) {
  const auto refused = [](ValueType type, const char* format) {
    EXPECT_THROW(Converter{of(type, format)}, Error) << format;
  };
  for (const char* format : {"%Q", "%d.%m", "%Y", "%", "%Y-%m-%d %", "%Y %Y %m %d", "",
                             "yyyy-MM-dd", "%Y %y %m %d", "%H:%M"})
    refused(ValueType::date, format);
  for (const char* format : {"%Y-%m-%d %I:%M", "%Y-%m-%d %H %I %p", "%Y-%m-%d %H %p"})
    refused(ValueType::datetime, format);
  for (const char* format : {"%M:%S", "%H:%M %z", "epoch_s", "%d %H"})
    refused(ValueType::time, format);
  refused(ValueType::integer, "%Y");
}

TEST(Types, Uuid) {
  const std::string canonical = "01234567-89ab-cdef-0123-456789abcdef";
  expect(of(ValueType::uuid), {{canonical, canonical},
                               {"01234567-89AB-CDEF-0123-456789ABCDEF", canonical},
                               {"{01234567-89ab-cdef-0123-456789abcdef}", canonical},
                               {"0123456789abcdef0123456789ABCDEF", canonical},
                               {"01234567-89ab-cdef-0123-456789abcde", "!type_mismatch"},
                               {"01234567-89ab-cdef-0123-456789abcdeg", "!type_mismatch"},
                               {"0123456-789ab-cdef-0123-456789abcdef", "!type_mismatch"},
                               {"{01234567-89ab-cdef-0123-456789abcdef", "!type_mismatch"},
                               {"", "!type_mismatch"}});
}

TEST(Types, Json) {
  for (const char* text : {"{}", "[]", "null", "true", "-0.5e+3", "\"a\\u00e9\\n\"",
                           " [1, {\"a\": []}] ", "{\"a\":{\"b\":[1,2,3]},\"c\":null}", "0"})
    expect(of(ValueType::json), {{text, text}});
  for (const char* text :
       {"",    "{",   "[1,]",       "{\"a\":}",  "{\"a\" 1}", "{a:1}", "01",  "1.",
        "-",   "+1",  "\"\\x\"",    "\"\\u12\"", "\"\n\"",    "[1] x", "{,}", "[,1]",
        "tru", "'a'", "{\"a\":1,}", "[1 2]",     "]",         "nan"})
    expect(of(ValueType::json), {{text, "!type_mismatch"}});
}

TEST(Types, JsonDepthIsBounded) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  expect(of(ValueType::json), {{nested(512), nested(512)},
                               {nested(513), "!type_mismatch"},
                               {std::string(1'000'000, '['), "!type_mismatch"}});
}

TEST(Types, CanonicalTextsAreSlicesOfTheInput) {
  const auto is_slice = [](ValueType type, std::string_view text) {
    TextArena arena;
    ArenaWriter writer(arena);
    Converted converted;
    const Converter converter(of(type));
    EXPECT_EQ(converter.convert(text, FieldKind::unquoted, writer, converted), Fault::none) << text;
    return converted.text.data() >= text.data() &&
           converted.text.data() + converted.text.size() == text.data() + text.size();
  };
  EXPECT_TRUE(is_slice(ValueType::integer, "+0012"));
  EXPECT_TRUE(is_slice(ValueType::integer, "-12"));
  EXPECT_TRUE(is_slice(ValueType::decimal, "12.50"));
  EXPECT_TRUE(is_slice(ValueType::date, "2024-02-29"));
  EXPECT_TRUE(is_slice(ValueType::time, "12:30:00"));
  EXPECT_TRUE(is_slice(ValueType::datetime, "2024-02-29 12:30:00+00:00"));
  EXPECT_TRUE(is_slice(ValueType::boolean, "true"));
  EXPECT_TRUE(is_slice(ValueType::uuid, "01234567-89ab-cdef-0123-456789abcdef"));
}

TEST(Types, EveryDayComesBack) {
  CivilTime civil;
  for (std::int64_t days = -719'162; days <= 2'932'896; days += 1) {
    set_days(civil, days);
    ASSERT_EQ(days_of(civil), days);
    ASSERT_EQ(check_date(civil), Fault::none) << days;
  }
}

TEST(Decimals, CompareExactly) {
  const auto compared = [](const char* left, const char* right) {
    const int result = compare_decimals(decimal_parts(left), decimal_parts(right));
    EXPECT_EQ(compare_decimals(decimal_parts(right), decimal_parts(left)) > 0, result < 0);
    return result < 0 ? '<' : (result > 0 ? '>' : '=');
  };
  EXPECT_EQ(compared("1", "1.000"), '=');
  EXPECT_EQ(compared("0", "-0.00"), '=');
  EXPECT_EQ(compared("100", "1e2"), '=');
  EXPECT_EQ(compared("0.001", "1e-3"), '=');
  EXPECT_EQ(compared("001.5", "1.50"), '=');
  EXPECT_EQ(compared("0.1", "0.10000000000000000000000000000001"), '<');
  EXPECT_EQ(compared("9", "10"), '<');
  EXPECT_EQ(compared("-9", "-10"), '>');
  EXPECT_EQ(compared("-1", "1"), '<');
  EXPECT_EQ(compared("0", "1e-999999999999999999999"), '<');
  EXPECT_EQ(compared("12345678901234567890.123456789", "12345678901234567890.123456788"), '>');
  EXPECT_EQ(compared("0.05", "0.5"), '<');
  EXPECT_EQ(compared("1e1000", "9e999"), '>');
  EXPECT_EQ(compared("105", "1.05e2"), '=');
}

TEST(Decimals, FitColumns) {
  const auto fits = [](const char* text, std::int64_t precision, std::int64_t scale) {
    return fits_numeric(decimal_parts(text), precision, scale);
  };
  EXPECT_TRUE(fits("999.99", 5, 2));
  EXPECT_TRUE(fits("-999.99000", 5, 2));
  EXPECT_TRUE(fits("000999", 5, 2));
  EXPECT_TRUE(fits("0", 2, 2));
  EXPECT_TRUE(fits("0.00", 1, 0));
  EXPECT_TRUE(fits("0.99", 2, 2));
  EXPECT_TRUE(fits("9.99e2", 5, 2));
  EXPECT_FALSE(fits("1000", 5, 2));
  EXPECT_FALSE(fits("1.001", 5, 2));
  EXPECT_FALSE(fits("1.00", 2, 2));
  EXPECT_FALSE(fits("1e-3", 5, 2));
  EXPECT_TRUE(fits("1200", 2, -2));
  EXPECT_FALSE(fits("1250", 2, -2));
}

TEST(Diagnoses, SayWhatToDo) {
  const auto hint = [](ValueType type, const char* text) {
    const Converter converter(of(type));
    TextArena arena;
    ArenaWriter writer(arena);
    Converted converted;
    const Fault fault = converter.convert(text, FieldKind::unquoted, writer, converted);
    EXPECT_NE(fault, Fault::none);
    return converter.diagnose(text, fault).hint;
  };
  EXPECT_NE(hint(ValueType::decimal, "12,5").find("decimalChar"), std::string::npos);
  EXPECT_NE(hint(ValueType::integer, "1,234").find("groupChar"), std::string::npos);
  EXPECT_NE(hint(ValueType::integer, "N/A").find("missingValues"), std::string::npos);
  EXPECT_NE(hint(ValueType::decimal, "1.234,50").find("\"decimalChar\": \",\""), std::string::npos);
  EXPECT_NE(hint(ValueType::decimal, "1.234,50").find("\"groupChar\": \".\""), std::string::npos);
  EXPECT_NE(hint(ValueType::decimal,
                 "\xE2\x88\x92"
                 "5")
                .find("U+2212"),
            std::string::npos);
  EXPECT_NE(hint(ValueType::integer,
                 "1\xC2\xA0"
                 "000")
                .find("\\u00a0"),
            std::string::npos);
  EXPECT_NE(hint(ValueType::date, "0000-00-00").find("missingValues"), std::string::npos);
  EXPECT_NE(hint(ValueType::datetime, "0000-00-00 00:00:00").find("missingValues"),
            std::string::npos);
  EXPECT_NE(hint(ValueType::datetime, "2024-01-31T10:00:00.5+0100").find("%Y-%m-%dT%H:%M:%S.%f%z"),
            std::string::npos);
  EXPECT_NE(hint(ValueType::integer, " 5").find("trim"), std::string::npos);
  EXPECT_NE(hint(ValueType::integer, "5.0").find("decimal"), std::string::npos);
  EXPECT_NE(hint(ValueType::date, "31.12.1999").find("format"), std::string::npos);
  EXPECT_NE(hint(ValueType::date, "12024-01-01").find("four digits"), std::string::npos);
  EXPECT_NE(hint(ValueType::datetime, "2024-01-01").find("%Y-%m-%d"), std::string::npos);
  EXPECT_NE(hint(ValueType::boolean, "oui").find("trueValues"), std::string::npos);
  EXPECT_NE(hint(ValueType::time, "24:00").find("00:00"), std::string::npos);
}

TEST(Diagnoses, CutLongValues) {
  const Converter converter(of(ValueType::integer));
  const std::string text(1'000'000, 'x');
  EXPECT_LT(converter.diagnose(text, Fault::malformed).message.size(), 200U);
}

}  // namespace
}  // namespace freight::mapping
