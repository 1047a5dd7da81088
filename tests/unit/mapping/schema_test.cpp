#include <chrono>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "freight/error.hpp"
#include "mapping_support.hpp"

namespace freight::mapping {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

OneColumn constrained(ValueType type, FieldConstraints constraints) {
  SchemaField field = schema_field("value", type);
  field.constraints = std::move(constraints);
  return OneColumn(field);
}

std::string fails_with(const JobSpec& spec, const SourceDescription& source) {
  try {
    const RecordMapper mapper(spec, source, open_catalog());
    (void)mapper;
  } catch (const Error& error) {
    return std::string(to_string(error.code())) + ": " + error.what();
  }
  return "nothing";
}

TEST(Missing, UnquotedEmptyIsNullForEveryType) {
  OneColumn string(schema_field("value", ValueType::string));
  EXPECT_EQ(string.map(bare("")), std::nullopt);
  EXPECT_EQ(string.map(in_quote_marks("")), "");
  EXPECT_EQ(string.map(absent()), std::nullopt);
  EXPECT_EQ(string.map(json_null()), std::nullopt);
  OneColumn integer(schema_field("value", ValueType::integer));
  EXPECT_EQ(integer.map(bare("")), std::nullopt);
  EXPECT_EQ(integer.map(in_quote_marks("")), std::nullopt);
}

TEST(Missing, OwnMissingValues) {
  OneColumn string(schema_field("value", ValueType::string));
  string.spec.schema->missing_values = {"NA", "-"};
  EXPECT_EQ(string.map(bare("NA")), std::nullopt);
  EXPECT_EQ(string.map(in_quote_marks("NA")), std::nullopt);
  EXPECT_EQ(string.map(bare("")), "");
  EXPECT_EQ(string.map(bare("na")), "na");
  OneColumn integer(schema_field("value", ValueType::integer));
  integer.spec.schema->missing_values = {"-1"};
  EXPECT_EQ(integer.map(bare("-1")), std::nullopt);
  EXPECT_EQ(integer.map(bare("")), std::nullopt);
  EXPECT_EQ(integer.map(typed(FieldKind::integer, "-1")), "-1");
}

TEST(Missing, FailsRequired) {
  OneColumn one = constrained(ValueType::integer, {.required = true});
  EXPECT_EQ(one.map(bare("")), "!required");
  EXPECT_EQ(one.error().value, "");
  EXPECT_EQ(one.map(absent()), "!required");
  EXPECT_EQ(one.error().value, std::nullopt);
  EXPECT_EQ(one.error().stage, Stage::validate);
  EXPECT_EQ(one.error().column, "value");
  one.spec.schema->missing_values = {"NULL"};
  EXPECT_EQ(one.map(bare("NULL")), "!required");
  EXPECT_THAT(one.error().message, HasSubstr("NULL"));
  EXPECT_EQ(one.map(bare("0")), "0");
}

TEST(SourceTypes, FitTheTypesOfTheSchema) {
  const auto map = [](ValueType type, const TestField& field) {
    return OneColumn(schema_field("value", type)).map(field);
  };
  EXPECT_EQ(map(ValueType::integer, typed(FieldKind::integer, "12")), "12");
  EXPECT_EQ(map(ValueType::integer, typed(FieldKind::string, "12")), "12");
  EXPECT_EQ(map(ValueType::integer, typed(FieldKind::decimal, "12.5")), "!type_mismatch");
  EXPECT_EQ(map(ValueType::integer, typed(FieldKind::boolean, "true")), "!type_mismatch");
  EXPECT_EQ(map(ValueType::decimal, typed(FieldKind::integer, "12")), "12");
  EXPECT_EQ(map(ValueType::decimal, typed(FieldKind::decimal, "0.10")), "0.10");
  EXPECT_EQ(map(ValueType::boolean, typed(FieldKind::boolean, "false")), "false");
  EXPECT_EQ(map(ValueType::string, typed(FieldKind::integer, "12")), "12");
  EXPECT_EQ(map(ValueType::json, typed(FieldKind::json, "{\"a\":1}")), "{\"a\":1}");
  EXPECT_EQ(map(ValueType::string, typed(FieldKind::json, "{\"a\":1}")), "{\"a\":1}");
  EXPECT_EQ(map(ValueType::date, typed(FieldKind::json, "[1]")), "!type_mismatch");
  EXPECT_EQ(map(ValueType::string, typed(FieldKind::string, "")), "");
  EXPECT_EQ(map(ValueType::uuid, typed(FieldKind::string, "")), std::nullopt);
}

TEST(SourceTypes, AreKeptWithoutASchema) {
  TestBatch batch({"a", "b", "c", "d", "e"});
  batch.add({typed(FieldKind::integer, "1"), typed(FieldKind::decimal, "1.5"),
             typed(FieldKind::boolean, "true"), typed(FieldKind::json, "[]"),
             typed(FieldKind::string, "x")});
  const RecordMapper mapper({}, header({"a", "b", "c", "d", "e"}), open_catalog());
  MappedBatch mapped;
  mapper.map(batch.batch(), mapped);
  std::vector<ValueType> types;
  for (std::size_t column = 0; column < 5; ++column)
    types.push_back(mapped.rows.row(0)[column].type);
  EXPECT_THAT(types, ElementsAre(ValueType::integer, ValueType::decimal, ValueType::boolean,
                                 ValueType::json, ValueType::string));
}

TEST(Constraints, LengthsInCodePoints) {
  OneColumn one = constrained(ValueType::string, {.min_length = 2, .max_length = 3});
  EXPECT_EQ(one.map("ab"), "ab");
  EXPECT_EQ(one.map("😀😀😀"), "😀😀😀");
  EXPECT_EQ(one.map("😀"), "!too_short");
  EXPECT_EQ(one.error().message, "The value has 1 character; 2 are the least.");
  EXPECT_EQ(one.map("äöüx"), "!too_long");
  EXPECT_EQ(one.map(in_quote_marks("")), "!too_short");
}

TEST(Constraints, LimitsOfIntegers) {
  OneColumn one =
      constrained(ValueType::integer, {.minimum = "-5", .maximum = "9223372036854775807"});
  EXPECT_EQ(one.map("-5"), "-5");
  EXPECT_EQ(one.map("-6"), "!out_of_range");
  EXPECT_EQ(one.error().expected, "at least -5");
  EXPECT_EQ(one.map("9223372036854775807"), "9223372036854775807");
}

TEST(Constraints, LimitsOfDecimalsAreExact) {
  OneColumn one = constrained(ValueType::decimal,
                              {.minimum = "0.1", .maximum = "12345678901234567890.123456789"});
  EXPECT_EQ(one.map("0.1"), "0.1");
  EXPECT_EQ(one.map("0.09999999999999999999999999999"), "!out_of_range");
  EXPECT_EQ(one.map("12345678901234567890.123456789000"), "12345678901234567890.123456789000");
  EXPECT_EQ(one.map("12345678901234567890.1234567891"), "!out_of_range");
}

TEST(Constraints, LimitsOfDatesAndTimes) {
  OneColumn date = constrained(ValueType::date, {.minimum = "2000-01-01", .maximum = "31.12.2024"});
  date.spec.schema->fields[0].format = "%d.%m.%Y";
  EXPECT_EQ(date.map("01.01.2000"), "2000-01-01");
  EXPECT_EQ(date.map("31.12.1999"), "!out_of_range");
  EXPECT_EQ(date.map("01.01.2025"), "!out_of_range");
  OneColumn moment = constrained(ValueType::datetime, {.minimum = "2024-01-01T00:00:00Z"});
  EXPECT_EQ(moment.map("2024-01-01T00:30+01:00"), "!out_of_range");
  EXPECT_EQ(moment.map("2024-01-01T00:00:00.5Z"), "2024-01-01 00:00:00.500000+00:00");
  OneColumn time = constrained(ValueType::time, {.maximum = "12:00"});
  EXPECT_EQ(time.map("12:00:00"), "12:00:00");
  EXPECT_EQ(time.map("12:00:00.1"), "!out_of_range");
}

TEST(Constraints, PatternsSearch) {
  OneColumn one = constrained(ValueType::string, {.pattern = "^[^@]+@[^@]+$"});
  EXPECT_EQ(one.map("a@b"), "a@b");
  EXPECT_EQ(one.map("a@b@c"), "!pattern_mismatch");
  EXPECT_THAT(one.error().message, HasSubstr("a@b@c"));
  OneColumn anywhere = constrained(ValueType::string, {.pattern = "b+"});
  EXPECT_EQ(anywhere.map("abc"), "abc");
}

TEST(Constraints, PatternsAreLinearOnLongValues) {
  const std::string text(50'000, 'a');
  for (const char* pattern :
       {"^(a+)+$", "(a|a)*b", "(a*)*c", "(.*)(.*)(.*)x", "^(a?){500}a{500}$"}) {
    OneColumn one = constrained(ValueType::string, {.pattern = pattern});
    // Whoever tries all ways to match does not come back.
    const auto result = one.map(text);
    ASSERT_TRUE(result.has_value());
    EXPECT_TRUE(*result == text || *result == "!pattern_mismatch") << pattern;
  }
}

TEST(Constraints, EnumerationsAreOfTheType) {
  OneColumn words = constrained(ValueType::string, {.enumeration = {"red", "green"}});
  EXPECT_EQ(words.map("red"), "red");
  EXPECT_EQ(words.map("Red"), "!not_in_enum");
  EXPECT_EQ(words.error().expected, "one of \"red\", \"green\"");
  OneColumn integers = constrained(ValueType::integer, {.enumeration = {"1", "2"}});
  EXPECT_EQ(integers.map("002"), "2");
  EXPECT_EQ(integers.map("3"), "!not_in_enum");
  OneColumn decimals = constrained(ValueType::decimal, {.enumeration = {"0.5", "1"}});
  EXPECT_EQ(decimals.map("1.00"), "1.00");
  EXPECT_EQ(decimals.map("0.51"), "!not_in_enum");
}

TEST(Constraints, AllThatAreBrokenAreKept) {
  OneColumn one =
      constrained(ValueType::string, {.min_length = 5, .pattern = "^x", .enumeration = {"xxxxx"}});
  EXPECT_EQ(one.map("abc"), "!too_short,pattern_mismatch,not_in_enum");
}

TEST(Constraints, OfAnotherTypeAreRefused) {
  OneColumn one = constrained(ValueType::date, {.minimum = "soon"});
  EXPECT_THAT(fails_with(one.spec, one.source), HasSubstr("invalid_value: "));
  OneColumn pattern = constrained(ValueType::string, {.pattern = "("});
  EXPECT_THAT(fails_with(pattern.spec, pattern.source), HasSubstr("invalid_pattern: "));
}

struct OnErrorCase : ::testing::Test {
  OnErrorCase() {
    spec.schema.emplace();
    spec.schema->fields = {schema_field("id", ValueType::integer),
                           schema_field("amount", ValueType::decimal)};
    spec.schema->primary_key = {"id"};
    spec.has_mapping = true;
    spec.mapping = {from("id", "id"), from("total", "amount")};
  }

  void map(const std::vector<std::string>& texts) {
    batch.emplace(std::vector<std::string>{"id", "amount"});
    batch->add_bare({"1", "1.5"}).add_bare(texts).add_bare({"3", "3.5"});
    mapped.clear();
    mapper.emplace(spec, header({"id", "amount"}), open_catalog());
    mapper->map(batch->batch(), mapped);
  }

  JobSpec spec;
  std::optional<TestBatch> batch;
  std::optional<RecordMapper> mapper;
  MappedBatch mapped;
};

TEST_F(OnErrorCase, RejectCostsThisRecordOnly) {
  map({"2", "abc"});
  EXPECT_THAT(mapped.rows.ordinals, ElementsAre(100, 102));
  EXPECT_THAT(mapped.record_of_row, ElementsAre(0, 2));
  ASSERT_EQ(mapped.exceptions.size(), 1U);
  const RecordException& exception = mapped.exceptions[0];
  EXPECT_EQ(exception.outcome, Outcome::rejected);
  EXPECT_EQ(exception.ordinal, 101U);
  EXPECT_EQ(exception.line, 103U);
  EXPECT_EQ(exception.byte_offset, 5010U);
  EXPECT_EQ(exception.byte_length, 5U);
  EXPECT_EQ(exception.raw, "2,abc");
  EXPECT_EQ(exception.key_values, R"({"id":"2"})");
  ASSERT_EQ(exception.errors.size(), 1U);
  EXPECT_EQ(exception.errors[0].code, Code::type_mismatch);
  EXPECT_EQ(exception.errors[0].stage, Stage::validate);
  EXPECT_EQ(exception.errors[0].column, "amount");
  EXPECT_EQ(exception.errors[0].value, "abc");
  EXPECT_EQ(exception.errors[0].expected, "a number such as -1234.50");
  EXPECT_EQ(exception.errors[0].message, "\"abc\" is not a decimal number.");
  EXPECT_EQ(mapped.with_warnings, 0U);
}

TEST_F(OnErrorCase, NullIsAWarning) {
  spec.schema->fields[1].on_error = OnError::null;
  // What on_error nulls does not take the mapping's default.
  spec.mapping[1].default_value = "7";
  map({"2", "abc"});
  EXPECT_EQ(mapped.rows.rows(), 3U);
  EXPECT_THAT(row_of(mapped, 1), ElementsAre("2", std::nullopt));
  ASSERT_EQ(mapped.exceptions.size(), 1U);
  EXPECT_EQ(mapped.exceptions[0].outcome, Outcome::succeeded);
  EXPECT_EQ(mapped.exceptions[0].ordinal, 101U);
  EXPECT_EQ(mapped.exceptions[0].errors[0].value, "abc");
  EXPECT_EQ(mapped.exceptions[0].errors[0].column, "amount");
  EXPECT_EQ(mapped.with_warnings, 1U);
}

TEST_F(OnErrorCase, NullDoesNotCureARequiredField) {
  spec.schema->fields[1].on_error = OnError::null;
  spec.schema->fields[1].constraints.required = true;
  map({"2", "abc"});
  EXPECT_EQ(mapped.rows.rows(), 2U);
  EXPECT_EQ(mapped.exceptions.at(0).outcome, Outcome::rejected);
  EXPECT_EQ(mapped.exceptions.at(0).errors[0].code, Code::type_mismatch);
  map({"2", ""});
  EXPECT_EQ(mapped.exceptions.at(0).errors[0].code, Code::required);
}

TEST_F(OnErrorCase, DefaultIsTheMappingsAndAWarning) {
  spec.schema->fields[1].on_error = OnError::default_value;
  spec.schema->fields[1].constraints.required = true;
  spec.mapping[1].default_value = "+0.0";
  map({"2", "abc"});
  EXPECT_THAT(row_of(mapped, 1), ElementsAre("2", "0.0"));
  EXPECT_EQ(mapped.rows.row(1)[1].type, ValueType::decimal);
  EXPECT_EQ(mapped.with_warnings, 1U);
  map({"2", ""});
  EXPECT_THAT(row_of(mapped, 1), ElementsAre("2", "0.0"));
  EXPECT_EQ(mapped.exceptions.at(0).errors[0].code, Code::required);
  EXPECT_EQ(mapped.exceptions.at(0).outcome, Outcome::succeeded);
}

TEST_F(OnErrorCase, DefaultWithoutADefaultIsRefused) {
  spec.schema->fields[1].on_error = OnError::default_value;
  EXPECT_THAT(fails_with(spec, header({"id", "amount"})), HasSubstr("has no default"));
}

TEST_F(OnErrorCase, FailEndsTheJob) {
  spec.schema->fields[1].on_error = OnError::fail;
  try {
    map({"2", "abc"});
    FAIL() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::type_mismatch);
    EXPECT_EQ(error.category(), Category::configuration);
    EXPECT_STREQ(error.what(),
                 "Record 101 (line 103), field \"amount\": \"abc\" is not a decimal number.");
  }
}

TEST_F(OnErrorCase, AWarnedRecordCanBeRejectedForAnotherField) {
  spec.schema->fields[1].on_error = OnError::null;
  map({"two", "abc"});
  ASSERT_EQ(mapped.exceptions.size(), 1U);
  EXPECT_EQ(mapped.exceptions[0].outcome, Outcome::rejected);
  ASSERT_EQ(mapped.exceptions[0].errors.size(), 1U);
  EXPECT_EQ(mapped.exceptions[0].errors[0].column, "id");
  EXPECT_EQ(mapped.with_warnings, 0U);
}

TEST_F(OnErrorCase, AllErrorsOfTheStageAreKeptInFieldOrder) {
  map({"two", "abc"});
  ASSERT_EQ(mapped.exceptions.size(), 1U);
  ASSERT_EQ(mapped.exceptions[0].errors.size(), 2U);
  EXPECT_EQ(mapped.exceptions[0].errors[0].column, "id");
  EXPECT_EQ(mapped.exceptions[0].errors[1].column, "amount");
}

TEST_F(OnErrorCase, FieldsThatNoColumnTakesAreCheckedToo) {
  spec.mapping.pop_back();
  map({"2", "abc"});
  EXPECT_EQ(mapped.rows.rows(), 2U);
  EXPECT_EQ(mapped.exceptions.at(0).errors[0].column, "amount");
}

TEST(Exceptions, KeepRawTextUpTo64KiBUnlessToldNotTo) {
  OneColumn one(schema_field("value", ValueType::integer));
  const std::string text(100'000, 'x');
  one.map(text);
  EXPECT_EQ(one.mapped.exceptions[0].raw.size(), 64U * 1024);
  EXPECT_EQ(one.mapped.exceptions[0].byte_length, 100'000U);
  EXPECT_EQ(one.error().value->size(), 1024U);
  one.spec.errors.store_raw = false;
  one.map(text);
  EXPECT_EQ(one.mapped.exceptions[0].raw, "");
}

TEST(Exceptions, ParseErrorsAreNotLookedAtFurther) {
  JobSpec spec;
  spec.schema.emplace();
  spec.schema->fields = {schema_field("id", ValueType::integer)};
  spec.schema->fields[0].constraints.required = true;
  spec.schema->primary_key = {"id"};
  TestBatch batch({"id"});
  RecordError broken;
  broken.code = Code::misplaced_quote;
  batch.add_bare({"1"}).add_broken(broken, "2\"x").add_bare({"3"});
  const RecordMapper mapper(spec, header({"id"}), open_catalog());
  MappedBatch mapped;
  mapper.map(batch.batch(), mapped);
  EXPECT_THAT(mapped.rows.ordinals, ElementsAre(100, 102));
  ASSERT_EQ(mapped.exceptions.size(), 1U);
  EXPECT_EQ(mapped.exceptions[0].errors.size(), 1U);
  EXPECT_EQ(mapped.exceptions[0].errors[0].code, Code::misplaced_quote);
  EXPECT_EQ(mapped.exceptions[0].raw, "2\"x");
  EXPECT_EQ(mapped.exceptions[0].key_values, "");
}

TEST(Exceptions, KeyValuesAreAsTheSourceHadThem) {
  JobSpec spec;
  spec.schema.emplace();
  spec.schema->fields = {
      schema_field("a", ValueType::string), schema_field("b\"", ValueType::integer),
      schema_field("c", ValueType::integer), schema_field("d", ValueType::string)};
  spec.schema->primary_key = {"a", "b\"", "d"};
  TestBatch batch({"a", "b\"", "c", "d"});
  batch.add({in_quote_marks("x\"y"), typed(FieldKind::integer, "7"), bare("bad"), json_null()});
  const RecordMapper mapper(spec, header({"a", "b\"", "c", "d"}), open_catalog());
  MappedBatch mapped;
  mapper.map(batch.batch(), mapped);
  EXPECT_EQ(mapped.exceptions.at(0).key_values, R"({"a":"x\"y","b\"":7,"d":null})");
}

TEST(Exceptions, OfTheWriteStageComeFromTheBatch) {
  JobSpec spec;
  spec.schema.emplace();
  spec.schema->fields = {schema_field("id", ValueType::integer)};
  spec.schema->primary_key = {"id"};
  TestBatch batch({"id"});
  batch.add_bare({"x"}).add_bare({"2"}).add_bare({"3"});
  const RecordMapper mapper(spec, header({"id"}), open_catalog());
  MappedBatch mapped;
  mapper.map(batch.batch(), mapped);
  WriteException refused;
  refused.ordinal = 102;
  refused.outcome = Outcome::skipped;
  refused.error.code = Code::unique_violation;
  const RecordException exception = mapper.exception_of(batch.batch(), mapped, refused);
  EXPECT_EQ(exception.ordinal, 102U);
  EXPECT_EQ(exception.line, 104U);
  EXPECT_EQ(exception.raw, "3");
  EXPECT_EQ(exception.key_values, R"({"id":"3"})");
  EXPECT_EQ(exception.outcome, Outcome::skipped);
  EXPECT_EQ(exception.errors.at(0).code, Code::unique_violation);
  refused.ordinal = 100;
  EXPECT_THROW(mapper.exception_of(batch.batch(), mapped, refused), Error);
}

}  // namespace
}  // namespace freight::mapping
