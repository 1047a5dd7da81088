#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/spec/spec_testing.hpp"

namespace freight {
namespace {

using testing_spec::parse_good;
using testing_spec::with;
using testing_spec::with_field;

std::string with_schema(std::string_view members) {
  return with(R"("schema": {)" + std::string(members) + "}");
}

std::string with_constraints(std::string_view type, std::string_view constraints) {
  return with_field(R"("type": ")" + std::string(type) + R"(", "constraints": {)" +
                    std::string(constraints) + "}");
}

constexpr const char* at_field = "/schema/fields/0";

std::string field_error(std::string_view key, std::string_view code) {
  return std::string(at_field) + "/" + std::string(key) + " " + std::string(code);
}

std::string constraint_error(std::string_view key, std::string_view code) {
  return field_error("constraints/" + std::string(key), code);
}

using SchemaRule = testing_spec::RefusedSpec;
TEST_P(SchemaRule, RefusesIt) { expect_refused(); }

INSTANTIATE_TEST_SUITE_P(
    Schema, SchemaRule,
    testing::ValuesIn(std::vector<testing_spec::WrongSpec>{
        {"NotAnObject", with(R"("schema": [])"), {"/schema wrong_type"}},
        {"FieldsNotAnArray", with_schema(R"("fields": {})"), {"/schema/fields wrong_type"}},
        {"FieldNotAnObject", with_schema(R"("fields": ["a"])"), {"/schema/fields/0 wrong_type"}},
        {"UndecidedType",
         with_field(R"("type": "undecided")"),
         {field_error("type", "undecided_type")}},
        {"CandidatesOfADecidedType",
         with_field(R"("type": "date", "candidates": [{"type": "date"}])"),
         {field_error("candidates", "unknown_key")}},
        {"FieldWithoutName",
         with_schema(R"("fields": [{"type": "string"}])"),
         {"/schema/fields/0/name missing_key"}},
        {"FieldNamedTwice",
         with_schema(R"("fields": [{"name": "a"}, {"name": "b"}, {"name": "a"}])"),
         {"/schema/fields/2/name invalid_value"}},
        {"TypeUnknown", with_field(R"("type": "float")"), {field_error("type", "invalid_value")}},
        {"FieldUnknownKey", with_field(R"("title": "x")"), {field_error("title", "unknown_key")}},
        {"OnErrorUnknown",
         with_field(R"("on_error": "skip")"),
         {field_error("on_error", "invalid_value")}},
        {"OnErrorDefaultWithoutMapping",
         with_field(R"("on_error": "default")"),
         {field_error("on_error", "invalid_value")}},
        {"PrimaryKeyNotAnArray",
         with_schema(R"("fields": [{"name": "a"}], "primaryKey": "a")"),
         {"/schema/primaryKey wrong_type"}},
        {"PrimaryKeyOfNoField",
         with_schema(R"("fields": [{"name": "abc"}], "primaryKey": ["abd"])"),
         {"/schema/primaryKey invalid_value"}},
        {"PrimaryKeyTwice",
         with_schema(R"("fields": [{"name": "a"}], "primaryKey": ["a", "a"])"),
         {"/schema/primaryKey invalid_value"}},
        {"MissingValuesNotTexts",
         with_schema(R"("fields": [], "missingValues": ["", 0])"),
         {"/schema/missingValues/1 wrong_type"}},
        {"ExtraColumnsUnknown",
         with_schema(R"("fields": [], "extra_columns": "drop")"),
         {"/schema/extra_columns invalid_value"}},
        {"MissingColumnsUnknown",
         with_schema(R"("fields": [], "missing_columns": "ignore")"),
         {"/schema/missing_columns invalid_value"}},
        {"TimezoneByName",
         with_schema(R"("fields": [], "timezone": "Europe/Zurich")"),
         {"/schema/timezone invalid_value"}},
        {"TimezoneTooFar",
         with_schema(R"("fields": [], "timezone": "+19:00")"),
         {"/schema/timezone invalid_value"}},
        {"TimezoneMinutes",
         with_schema(R"("fields": [], "timezone": "+01:60")"),
         {"/schema/timezone invalid_value"}},
    }),
    testing_spec::name_of_case);

using FormatRule = testing_spec::RefusedSpec;
TEST_P(FormatRule, RefusesIt) { expect_refused(); }

testing_spec::WrongSpec wrong_format(std::string name, std::string_view type,
                                     std::string_view format) {
  return {std::move(name),
          with_field(R"("type": ")" + std::string(type) + R"(", "format": ")" +
                     std::string(format) + "\""),
          {field_error("format", "invalid_value")}};
}

INSTANTIATE_TEST_SUITE_P(Format, FormatRule,
                         testing::ValuesIn(std::vector<testing_spec::WrongSpec>{
                             wrong_format("OfAString", "string", "%Y"),
                             wrong_format("OfAnInteger", "integer", "epoch_s"),
                             wrong_format("UnknownLetter", "date", "%Y-%m-%d %A"),
                             wrong_format("EndsWithAPercent", "date", "%Y-%m-%d %"),
                             wrong_format("LetterTwice", "date", "%d.%m.%Y %m"),
                             wrong_format("WithoutYear", "date", "%d.%m."),
                             wrong_format("WithoutDay", "date", "%m.%Y"),
                             wrong_format("TwoYears", "date", "%d.%m.%Y %y"),
                             wrong_format("DatetimeWithoutDate", "datetime", "%H:%M"),
                             wrong_format("TimeWithADate", "time", "%d %H:%M"),
                             wrong_format("TimeWithAZone", "time", "%H:%M %z"),
                             wrong_format("TimeWithoutHour", "time", "%M:%S"),
                             wrong_format("TimeOfAnEpoch", "time", "epoch_s"),
                             wrong_format("TwelveHoursWithoutHalf", "time", "%I:%M"),
                             wrong_format("HalfWithoutTwelveHours", "time", "%H:%M %p"),
                             wrong_format("TwoHours", "time", "%H %I %p"),
                             wrong_format("JustAnyText", "date", "ISO"),
                         }),
                         testing_spec::name_of_case);

using ConstraintRule = testing_spec::RefusedSpec;
TEST_P(ConstraintRule, RefusesIt) { expect_refused(); }

INSTANTIATE_TEST_SUITE_P(
    Constraint, ConstraintRule,
    testing::ValuesIn(std::vector<testing_spec::WrongSpec>{
        {"NotAnObject",
         with_field(R"("constraints": true)"),
         {field_error("constraints", "wrong_type")}},
        {"UnknownKey",
         with_constraints("string", R"("maxlength": 3)"),
         {constraint_error("maxlength", "unknown_key")}},
        {"RequiredNotABoolean",
         with_constraints("string", R"("required": "yes")"),
         {constraint_error("required", "wrong_type")}},
        {"LengthOfAnInteger",
         with_constraints("integer", R"("minLength": 1, "maxLength": 2)"),
         {constraint_error("maxLength", "invalid_value"),
          constraint_error("minLength", "invalid_value")}},
        {"LengthNegative",
         with_constraints("string", R"("minLength": -1)"),
         {constraint_error("minLength", "value_out_of_range")}},
        {"LengthsCrossed",
         with_constraints("string", R"("minLength": 5, "maxLength": 4)"),
         {constraint_error("minLength", "value_out_of_range")}},
        {"PatternOfANumber",
         with_constraints("number", R"("pattern": "1")"),
         {constraint_error("pattern", "invalid_value")}},
        {"PatternNotRe2",
         with_constraints("string", R"x("pattern": "a(?=b)")x"),
         {constraint_error("pattern", "invalid_pattern")}},
        {"PatternBackReference",
         with_constraints("string", R"x("pattern": "(a)\\1")x"),
         {constraint_error("pattern", "invalid_pattern")}},
        {"PatternNotClosed",
         with_constraints("string", R"("pattern": "[a")"),
         {constraint_error("pattern", "invalid_pattern")}},
        {"BoundsOfAString",
         with_constraints("string", R"("minimum": "a", "maximum": "b")"),
         {constraint_error("maximum", "invalid_value"),
          constraint_error("minimum", "invalid_value")}},
        {"BoundsOfABoolean",
         with_constraints("boolean", R"("minimum": true)"),
         {constraint_error("minimum", "invalid_value")}},
        {"BoundNotAnInteger",
         with_constraints("integer", R"("minimum": 1.5, "maximum": "x")"),
         {constraint_error("maximum", "invalid_value"),
          constraint_error("minimum", "invalid_value")}},
        {"BoundBeyond64Bits",
         with_constraints("integer", R"("maximum": 9223372036854775808)"),
         {constraint_error("maximum", "invalid_value")}},
        {"BoundBeyondADouble",
         with_constraints("number", R"("maximum": 1e400)"),
         {constraint_error("maximum", "invalid_value")}},
        {"BoundsCrossed",
         with_constraints("integer", R"("minimum": 10, "maximum": 9)"),
         {constraint_error("minimum", "value_out_of_range")}},
        {"BoundsCrossedBelowZero",
         with_constraints("integer", R"("minimum": -9, "maximum": -10)"),
         {constraint_error("minimum", "value_out_of_range")}},
        {"BoundsCrossedInTheLastDigit",
         with_constraints("decimal", R"("minimum": 12345678901234567890.123456789,
                                        "maximum": 12345678901234567890.123456788)"),
         {constraint_error("minimum", "value_out_of_range")}},
        {"BoundsCrossedByExponent",
         with_constraints("number", R"("minimum": 1e2, "maximum": 99.9)"),
         {constraint_error("minimum", "value_out_of_range")}},
        {"DateBoundsCrossed",
         with_constraints("date", R"("minimum": "2024-02-29", "maximum": "2024-02-28")"),
         {constraint_error("minimum", "value_out_of_range")}},
        {"DateBoundNoDate",
         with_constraints("date", R"("minimum": "2023-02-29")"),
         {constraint_error("minimum", "invalid_value")}},
        {"DateBoundInTheFieldsFormat",
         with_field(
             R"("type": "date", "format": "%d.%m.%Y", "constraints": {"minimum": "01.01.1900"})"),
         {constraint_error("minimum", "invalid_value")}},
        {"TimeBoundNoTime",
         with_constraints("time", R"("minimum": "24:00", "maximum": "10:60")"),
         {constraint_error("maximum", "invalid_value"),
          constraint_error("minimum", "invalid_value")}},
        {"DatetimeBoundsCrossedByZone",
         with_constraints(
             "datetime",
             R"("minimum": "2024-01-01T00:00:00-01:00", "maximum": "2024-01-01T00:30:00Z")"),
         {constraint_error("minimum", "value_out_of_range")}},
        {"EnumNotAnArray",
         with_constraints("string", R"("enum": "a")"),
         {constraint_error("enum", "wrong_type")}},
        {"EnumEmpty",
         with_constraints("string", R"("enum": [])"),
         {constraint_error("enum", "value_out_of_range")}},
        {"EnumOfAnotherType",
         with_constraints("integer", R"("enum": [1, "x", true])"),
         {constraint_error("enum/1", "invalid_value"),
          constraint_error("enum/2", "invalid_value")}},
        {"EnumOfJson",
         with_constraints("json", R"("enum": ["{}"])"),
         {constraint_error("enum", "invalid_value")}},
        {"SeparatorsOfAString",
         with_field(R"("decimalChar": ",", "groupChar": ".")"),
         {field_error("decimalChar", "invalid_value"), field_error("groupChar", "invalid_value")}},
        {"DecimalCharOfAnInteger",
         with_field(R"("type": "integer", "decimalChar": ",")"),
         {field_error("decimalChar", "invalid_value")}},
        {"DecimalCharADigit",
         with_field(R"("type": "number", "decimalChar": "1")"),
         {field_error("decimalChar", "invalid_value")}},
        {"DecimalCharOfTwo",
         with_field(R"("type": "number", "decimalChar": ",,")"),
         {field_error("decimalChar", "invalid_value")}},
        {"SeparatorsAlike",
         with_field(R"("type": "decimal", "groupChar": ".")"),
         {field_error("groupChar", "invalid_value")}},
        {"TrueValuesOfAString",
         with_field(R"("trueValues": ["x"])"),
         {field_error("trueValues", "invalid_value")}},
        {"TrueValuesEmpty",
         with_field(R"("type": "boolean", "trueValues": [])"),
         {field_error("trueValues", "value_out_of_range")}},
        {"TrueIsFalse",
         with_field(R"("type": "boolean", "trueValues": ["x", "y"], "falseValues": ["y"])"),
         {field_error("falseValues", "invalid_value")}},
    }),
    testing_spec::name_of_case);

SchemaField good_field(std::string_view members) {
  const JobSpec spec = parse_good(with_field(members));
  return spec.schema && !spec.schema->fields.empty() ? spec.schema->fields.front() : SchemaField{};
}

TEST(SpecSchema, TakesEveryKeyOfASchema) {
  const JobSpec spec = parse_good(with_schema(
      R"("fields": [{"name": "a"}, {"name": "b"}], "primaryKey": ["b", "a"],
         "missingValues": ["", "NULL", "-"], "extra_columns": "error", "missing_columns": "null",
         "timezone": "-03:30")"));
  const SchemaSpec& schema = spec.schema.value();
  EXPECT_EQ(schema.primary_key, (std::vector<std::string>{"b", "a"}));
  EXPECT_EQ(schema.missing_values, (std::vector<std::string>{"", "NULL", "-"}));
  EXPECT_EQ(schema.extra_columns, ExtraColumns::error);
  EXPECT_EQ(schema.missing_columns, MissingColumns::null);
  EXPECT_EQ(schema.timezone, std::chrono::minutes(-210));
}

TEST(SpecSchema, HasDefaults) {
  const JobSpec spec = parse_good(with_schema(R"("fields": [{"name": "a"}])"));
  const SchemaSpec& schema = spec.schema.value();
  EXPECT_EQ(schema.missing_values, (std::vector<std::string>{""}));
  EXPECT_EQ(schema.extra_columns, ExtraColumns::ignore);
  EXPECT_EQ(schema.missing_columns, MissingColumns::error);
  EXPECT_EQ(schema.timezone, std::chrono::minutes(0));
  EXPECT_EQ(schema.fields.at(0).type, ValueType::string);
  EXPECT_EQ(schema.fields.at(0).on_error, OnError::reject);
  EXPECT_FALSE(schema.fields.at(0).constraints.required);
}

TEST(SpecSchema, MissingColumnsTakesTheValueNullToo) {
  const JobSpec by_value = parse_good(with_schema(R"("fields": [], "missing_columns": null)"));
  const JobSpec by_name = parse_good(with_schema(R"("fields": [], "missing_columns": "null")"));
  EXPECT_EQ(by_value.schema->missing_columns, MissingColumns::null);
  EXPECT_EQ(by_value.identity, by_name.identity);
}

TEST(SpecSchema, KnowsEveryType) {
  for (const auto type : {ValueType::string, ValueType::integer, ValueType::number,
                          ValueType::decimal, ValueType::boolean, ValueType::date, ValueType::time,
                          ValueType::datetime, ValueType::uuid, ValueType::json}) {
    EXPECT_EQ(good_field(R"("type": ")" + std::string(to_string(type)) + "\"").type, type);
  }
}

TEST(SpecSchema, KnowsEveryFormatThatIsWhole) {
  for (const std::string format : {"%d.%m.%Y", "%y%m%d", "%j/%Y", "%d %b %Y", "%B %d, %Y",
                                   "%Y-%m-%d %H:%M", "epoch_s", "epoch_ms", "%Y-%m-%d 100%%"}) {
    EXPECT_EQ(good_field(R"("type": "date", "format": ")" + format + "\"").format, format);
  }
  EXPECT_EQ(good_field(R"("type": "time", "format": "%I:%M:%S.%f %p")").format, "%I:%M:%S.%f %p");
  EXPECT_EQ(good_field(R"("type": "datetime", "format": "%Y-%m-%dT%H:%M:%S.%f%z")").format,
            "%Y-%m-%dT%H:%M:%S.%f%z");
}

TEST(SpecSchema, BoundsAreCanonicalTexts) {
  const auto bounds = [](std::string_view type, std::string_view minimum,
                         std::string_view maximum) {
    const SchemaField field =
        good_field(R"("type": ")" + std::string(type) + R"(", "constraints": {"minimum": )" +
                   std::string(minimum) + R"(, "maximum": )" + std::string(maximum) + "}");
    return field.constraints.minimum.value_or("-") + " to " +
           field.constraints.maximum.value_or("-");
  };
  EXPECT_EQ(bounds("integer", "-0", R"("+007")"), "0 to 7");
  EXPECT_EQ(bounds("integer", "-9223372036854775808", "9223372036854775807"),
            "-9223372036854775808 to 9223372036854775807");
  EXPECT_EQ(bounds("decimal", "0.10", R"("12345678901234567890.123456789")"),
            "0.10 to 12345678901234567890.123456789");
  EXPECT_EQ(bounds("number", "-1e3", "1.5E-3"), "-1e3 to 1.5E-3");
  EXPECT_EQ(bounds("date", R"("1900-02-28")", R"("2000-02-29")"), "1900-02-28 to 2000-02-29");
  EXPECT_EQ(bounds("time", R"("09:30")", R"("23:59:59.5")"), "09:30:00 to 23:59:59.500000");
}

TEST(SpecSchema, DatetimeBoundsWithoutAZoneAreOfTheSchemasTimezone) {
  const JobSpec spec = parse_good(with_schema(
      R"("timezone": "+02:00", "fields": [{"name": "a", "type": "datetime", "constraints":
         {"minimum": "2024-01-01 00:30", "maximum": "2024-01-01T00:30:00.25Z"}}])"));
  const FieldConstraints& constraints = spec.schema->fields.at(0).constraints;
  EXPECT_EQ(constraints.minimum, "2023-12-31 22:30:00+00:00");
  EXPECT_EQ(constraints.maximum, "2024-01-01 00:30:00.250000+00:00");
}

TEST(SpecSchema, EnumIsOfCanonicalTexts) {
  EXPECT_THAT(good_field(R"("constraints": {"enum": ["a", "", "é"]})").constraints.enumeration,
              testing::ElementsAre("a", "", "é"));
  EXPECT_THAT(good_field(R"("type": "integer", "constraints": {"enum": [1, "02"]})")
                  .constraints.enumeration,
              testing::ElementsAre("1", "2"));
  EXPECT_THAT(
      good_field(R"("type": "boolean", "constraints": {"enum": [true]})").constraints.enumeration,
      testing::ElementsAre("true"));
  EXPECT_THAT(good_field(R"("type": "uuid", "constraints": {"enum":
                            ["0190A5C0-0000-7000-8000-00000000000F"]})")
                  .constraints.enumeration,
              testing::ElementsAre("0190a5c0-0000-7000-8000-00000000000f"));
}

TEST(SpecSchema, TakesSeparatorsAndTruthsOfItsOwn) {
  const SchemaField number =
      good_field(R"("type": "decimal", "decimalChar": ",", "groupChar": "’")");
  EXPECT_EQ(number.decimal_char, ",");
  EXPECT_EQ(number.group_char, "’");
  const SchemaField boolean =
      good_field(R"("type": "boolean", "trueValues": ["ja"], "falseValues": ["nein", "-"])");
  EXPECT_THAT(boolean.true_values, testing::ElementsAre("ja"));
  EXPECT_THAT(boolean.false_values, testing::ElementsAre("nein", "-"));
}

TEST(Schema, AnUndecidedTypeNamesItsReadings) {
  const auto result = testing_spec::parse(with_field(
      R"("type": "undecided", "candidates": [{"type": "date", "format": "%d/%m/%Y"}, {"type": "string"}])"));
  ASSERT_EQ(result.errors.size(), 1U);
  EXPECT_THAT(result.errors[0].detail,
              testing::AllOf(testing::HasSubstr(R"("f")"),
                             testing::HasSubstr(
                                 R"({"type":"date","format":"%d/%m/%Y"} or {"type":"string"})")));
}

}  // namespace
}  // namespace freight
