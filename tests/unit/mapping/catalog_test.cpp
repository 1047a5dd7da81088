// What the destination's catalog says of a job's columns and values.
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mapping_support.hpp"

namespace freight::mapping {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

OneColumn into(DestinationColumn column, std::optional<SchemaField> field = {}) {
  OneColumn one(std::move(field));
  column.name = "value";
  one.catalog = catalog_of({std::move(column)});
  return one;
}

TEST(Catalog, UnknownColumnsFailTheJob) {
  const DestinationCatalog catalog = catalog_of({catalog_column("id"), catalog_column("email")});
  EXPECT_THAT(
      error_of([&] {
        RecordMapper({}, header({"id", "emial", "zzz"}), catalog);
      }),
      AllOf(HasSubstr("unknown_column: The destination has no column \"emial\"; did you mean "
                      "\"email\"? \"zzz\"."),
            HasSubstr("The destination has: \"id\", \"email\".")));
  EXPECT_THAT(
      error_of([&] { RecordMapper(with_mapping({from("ID2", "a")}), header({"a"}), catalog); }),
      HasSubstr("unknown_column"));
}

TEST(Catalog, ColumnsMatchIgnoringCaseWhenUnique) {
  TestBatch batch({"ID", "Email"});
  batch.add_bare({"1", "x"});
  const RecordMapper mapper({}, header({"ID", "Email"}),
                            catalog_of({catalog_column("email"), catalog_column("id")}));
  EXPECT_THAT(names(mapped_of(mapper, batch).rows.columns), ElementsAre("id", "email"));
}

TEST(Catalog, AColumnIsFilledOnce) {
  EXPECT_THAT(error_of([&] {
                RecordMapper(with_mapping({from("id", "a"), from("id", "b")}), header({"a", "b"}),
                             catalog_of({catalog_column("id")}));
              }),
              HasSubstr("filled twice"));
}

TEST(Catalog, GeneratedColumnsTakeNoValue) {
  DestinationColumn total = catalog_column("total");
  total.generated = true;
  EXPECT_THAT(error_of([&] { RecordMapper({}, header({"total"}), catalog_of({total})); }),
              HasSubstr("computes the column \"total\" itself"));
  const RecordMapper mapper({}, header({"id"}), catalog_of({catalog_column("id"), total}));
  EXPECT_THAT(mapper.unfilled_columns(), IsEmpty());
}

TEST(Catalog, GeneratedColumnsOfACopiedTableAreLeftOut) {
  DestinationColumn total = catalog_column("total");
  total.generated = true;
  JobSpec copy;
  copy.source = SqlSourceSpec{.table = "t"};
  TestBatch batch({"id", "total"});
  batch.add_bare({"1", "x"});
  const RecordMapper mapper(copy, header({"id", "total"}),
                            catalog_of({catalog_column("id"), total}));
  EXPECT_THAT(names(mapped_of(mapper, batch).rows.columns), ElementsAre("id"));
  JobSpec mapped = with_mapping({from("total", "total")});
  mapped.source = copy.source;
  EXPECT_THAT(error_of([&] {
                RecordMapper(mapped, header({"id", "total"}), catalog_of({total}));
              }),
              HasSubstr("computes the column \"total\" itself"));
}

TEST(Catalog, UnmappedAndUnfilledAreNamed) {
  const RecordMapper mapper(with_mapping({from("id", "a")}), header({"a", "b"}),
                            catalog_of({catalog_column("id"), catalog_column("created_at")}));
  EXPECT_THAT(mapper.unmapped_columns(), ElementsAre("b"));
  EXPECT_THAT(mapper.unfilled_columns(), ElementsAre("created_at"));
}

TEST(Catalog, NotNull) {
  DestinationColumn column = catalog_column("value");
  column.native_type = "text";
  column.not_null = true;
  OneColumn one = into(column);
  EXPECT_EQ(one.map("x"), "x");
  EXPECT_EQ(one.map(in_quote_marks("")), "");
  EXPECT_EQ(one.map(""), "!not_null_violation");
  EXPECT_EQ(one.error().stage, Stage::validate);
  EXPECT_EQ(one.error().message,
            "The column \"value\" (text) takes no NULL, and the record has no value for it.");
}

TEST(Catalog, LengthsInCodePointsWithoutTrailingSpaces) {
  DestinationColumn column = catalog_column("value", ValueType::string);
  column.native_type = "character varying(3)";
  column.max_length = 3;
  OneColumn one = into(column);
  EXPECT_EQ(one.map("abc"), "abc");
  EXPECT_EQ(one.map("😀😀😀"), "😀😀😀");
  EXPECT_EQ(one.map("ab      "), "ab      ");
  EXPECT_EQ(one.map("abc  "), "abc  ");
  EXPECT_EQ(one.map("abcd"), "!too_long");
  EXPECT_EQ(
      one.error().message,
      "The column \"value\" (character varying(3)) takes at most 3 characters; the value has 4.");
  EXPECT_EQ(one.map("   d"), "!too_long");
  EXPECT_EQ(one.map("abcd "), "!too_long");
}

TEST(Catalog, IntegerRanges) {
  DestinationColumn column = catalog_column("value", ValueType::integer);
  column.integer_bits = 16;
  OneColumn small = into(column, schema_field("value", ValueType::integer));
  EXPECT_EQ(small.map("32767"), "32767");
  EXPECT_EQ(small.map("-32768"), "-32768");
  EXPECT_EQ(small.map("32768"), "!out_of_range");
  EXPECT_EQ(small.error().expected, "an integer from -32768 to 32767");
  column.integer_bits = 32;
  OneColumn medium = into(column, schema_field("value", ValueType::integer));
  EXPECT_EQ(medium.map("-2147483648"), "-2147483648");
  EXPECT_EQ(medium.map("2147483648"), "!out_of_range");
  column.integer_bits = 64;
  OneColumn large = into(column, schema_field("value", ValueType::integer));
  EXPECT_EQ(large.map("9223372036854775807"), "9223372036854775807");
}

TEST(Catalog, NumericsAreNeverRounded) {
  DestinationColumn column = catalog_column("value", ValueType::decimal);
  column.precision = 5;
  column.scale = 2;
  OneColumn one = into(column, schema_field("value", ValueType::decimal));
  EXPECT_EQ(one.map("999.99"), "999.99");
  EXPECT_EQ(one.map("1.50000"), "1.50000");
  EXPECT_EQ(one.map("1.505"), "!out_of_range");
  EXPECT_EQ(one.error().expected,
            "a number of at most 3 digits before the decimal point and 2 after");
  EXPECT_THAT(one.error().hint, HasSubstr("does not round"));
  EXPECT_EQ(one.map("1000"), "!out_of_range");
  OneColumn untyped = into(column);
  EXPECT_EQ(untyped.map(" +1.5 "), " +1.5 ");
  EXPECT_EQ(untyped.map("NaN"), "NaN");
  EXPECT_EQ(untyped.map("1.505"), "!out_of_range");
}

TEST(Catalog, UntypedTextIsRefusedOnlyWhereTheServerWould) {
  const auto map = [](ValueType type, const TestField& field) {
    return into(catalog_column("value", type)).map(field);
  };
  const auto refused = [&map](ValueType type, const char* text) {
    return map(type, bare(text)) == "!type_mismatch";
  };
  for (const char* text : {" 12 ", "+12", "-0", "0x1F", "1_000"})
    EXPECT_EQ(map(ValueType::integer, bare(text)), text);
  for (const char* text : {"abc", "1.5", "1e-3", "12 3", "+", "x12", "true"})
    EXPECT_TRUE(refused(ValueType::integer, text)) << text;
  EXPECT_EQ(map(ValueType::integer, bare("9223372036854775808")), "!out_of_range");
  for (const char* text : {"t", "tru", "YES", " on ", "of", "0", "N"})
    EXPECT_EQ(map(ValueType::boolean, bare(text)), text);
  for (const char* text : {"o", "2", "ja", "truth"})
    EXPECT_TRUE(refused(ValueType::boolean, text)) << text;
  for (const char* text : {"1.5", "-Infinity", "nan", "1e3", " .5"})
    EXPECT_EQ(map(ValueType::number, bare(text)), text);
  for (const char* text : {"1,5", "abc", "1.5 EUR"})
    EXPECT_TRUE(refused(ValueType::number, text)) << text;
  for (const char* text :
       {"January 8, 1999", "now", " infinity", "2024-02-30", "yesterday allballs"})
    EXPECT_EQ(map(ValueType::datetime, bare(text)), text);
  for (const char* text : {"abc", "unknown", "n/a"})
    EXPECT_TRUE(refused(ValueType::date, text)) << text;
  for (const char* text :
       {"0123-4567-89ab-cdef-0123-4567-89AB-cdef", "{0123456789abcdef0123456789abcdef}"})
    EXPECT_EQ(map(ValueType::uuid, bare(text)), text);
  for (const char* text : {"0123456789abcdef0123456789abcde", "012-3456789abcdef0123456789abcdef",
                           "{0123456789abcdef0123456789abcdef"})
    EXPECT_TRUE(refused(ValueType::uuid, text)) << text;
  EXPECT_EQ(map(ValueType::json, bare(" [1] ")), " [1] ");
  EXPECT_TRUE(refused(ValueType::json, "{a}"));
}

TEST(Catalog, AnEmptyTextIsNoValueForWhatIsNoText) {
  const auto map = [](std::optional<ValueType> type, const TestField& field) {
    return into(catalog_column("value", type)).map(field);
  };
  EXPECT_EQ(map(ValueType::integer, in_quote_marks("")), std::nullopt);
  EXPECT_EQ(map(ValueType::date, in_quote_marks("")), std::nullopt);
  EXPECT_EQ(map(ValueType::string, in_quote_marks("")), "");
  EXPECT_EQ(map(ValueType::string, bare("")), std::nullopt);
  EXPECT_EQ(map(std::nullopt, in_quote_marks("")), "");
  // A column of SQLite that would keep a number.
  DestinationColumn numeric;
  numeric.lossy_decimal = true;
  EXPECT_EQ(into(numeric).map(in_quote_marks("")), std::nullopt);
  // A transform may leave nothing, too.
  MappingEntry entry = from("value", "value");
  entry.transforms = {{.kind = TransformKind::trim}};
  entry.default_value = "7";
  OneColumn one = into(catalog_column("value", ValueType::integer));
  one.spec = with_mapping({entry});
  EXPECT_EQ(one.map("  "), "7");
}

TEST(Catalog, TypedTextIntoAnotherTypeIsCheckedAsText) {
  OneColumn one =
      into(catalog_column("value", ValueType::integer), schema_field("value", ValueType::string));
  EXPECT_EQ(one.map("007"), "007");
  EXPECT_EQ(one.map("x"), "!type_mismatch");
  OneColumn fraction =
      into(catalog_column("value", ValueType::integer), schema_field("value", ValueType::decimal));
  EXPECT_EQ(fraction.map("5"), "5");
  EXPECT_EQ(fraction.map("5.5"), "!type_mismatch");
  OneColumn object = into(catalog_column("value", ValueType::integer));
  EXPECT_EQ(object.map(typed(FieldKind::json, "{}")), "!type_mismatch");
  // SQLite takes these, PostgreSQL does not: they decide.
  EXPECT_EQ(object.map(typed(FieldKind::boolean, "true")), "true");
  EXPECT_EQ(object.map(typed(FieldKind::decimal, "5.0")), "5.0");
  EXPECT_EQ(object.map(typed(FieldKind::integer, "5")), "5");
}

TEST(Catalog, ColumnsWithoutATypeTakeAnything) {
  OneColumn one = into(catalog_column("value"));
  for (const char* text : {"abc", "12345678901234567890.123456789", "007", "😀"})
    EXPECT_EQ(one.map(text), text);
}

TEST(Catalog, ConstantsAndDefaultsThatDoNotFitFailTheJob) {
  MappingEntry constant;
  constant.to = "value";
  constant.constant.emplace("toolong");
  DestinationColumn column = catalog_column("value", ValueType::string);
  column.max_length = 3;
  EXPECT_THAT(
      error_of([&] { RecordMapper(with_mapping({constant}), header({}), catalog_of({column})); }),
      HasSubstr("too_long: The constant of the mapping does not fit"));
  MappingEntry entry = from("value", "a");
  entry.default_value = "toolong";
  EXPECT_THAT(
      error_of([&] { RecordMapper(with_mapping({entry}), header({"a"}), catalog_of({column})); }),
      HasSubstr("too_long: The default of the mapping does not fit"));
  constant.constant.emplace(std::nullopt);
  column.not_null = true;
  EXPECT_THAT(
      error_of([&] { RecordMapper(with_mapping({constant}), header({}), catalog_of({column})); }),
      HasSubstr("not_null_violation"));
}

TEST(Catalog, DecimalsIntoALossyColumnFailTheJob) {
  DestinationColumn column = catalog_column("amount");
  column.native_type = "NUMERIC";
  column.lossy_decimal = true;
  const JobSpec spec = with_schema({schema_field("amount", ValueType::decimal)});
  EXPECT_THAT(error_of([&] { RecordMapper(spec, header({"amount"}), catalog_of({column})); }),
              AllOf(HasSubstr("lossy_column: The column \"amount\" (NUMERIC) would lose digits"),
                    HasSubstr("in SQLite TEXT")));
  const JobSpec number = with_schema({schema_field("amount", ValueType::number)});
  EXPECT_THAT(error_of([&] { RecordMapper(number, header({"amount"}), catalog_of({column})); }),
              "nothing");
}

TEST(Catalog, DigitsOfTypedSourcesAreNotLostEither) {
  DestinationColumn column;
  column.lossy_decimal = true;
  OneColumn one = into(column);
  EXPECT_EQ(one.map(typed(FieldKind::decimal, "0.1")), "0.1");
  EXPECT_EQ(one.map(typed(FieldKind::decimal, "12345678901234567890.123456789")), "!out_of_range");
  EXPECT_EQ(one.map(bare("12345678901234567890.123456789")), "!out_of_range");
}

TEST(Catalog, WhatSqlitesNumericAffinitiesKeepIsTheSameNumber) {
  DestinationColumn column;
  column.lossy_decimal = true;
  OneColumn one = into(column);
  for (const char* text : {"9223372036854775807", "-9223372036854775808", "0.10", "007", "1e5",
                           "0.30000000000000004", "0", "-0.0", "abc"})
    EXPECT_EQ(one.map(bare(text)), text);
  for (const char* text : {"9223372036854775808", "12345678901234567890", "1e400", "1e-400",
                           "9007199254740993.0", "0.1000000000000000001"})
    EXPECT_EQ(one.map(bare(text)), "!out_of_range") << text;
}

DestinationColumn float_column(std::uint32_t bits) {
  DestinationColumn column = catalog_column("value", ValueType::number);
  column.lossy_decimal = true;
  column.float_bits = bits;
  return column;
}

TEST(Catalog, ABinaryFloatTakesTheIntegersAndDecimalsThatItHolds) {
  OneColumn one = into(float_column(64));
  for (const char* text :
       {"9007199254740992", "-9007199254740994", "3.14159265358979323846", "1e300"})
    EXPECT_EQ(one.map(bare(text)), text) << "an untyped text keeps what floats keep";
  EXPECT_EQ(one.map(bare("9007199254740993")), "!out_of_range");
  EXPECT_EQ(one.map(bare("1e400")), "!out_of_range");
  EXPECT_EQ(one.map(typed(FieldKind::integer, "9007199254740993")), "!out_of_range");
  EXPECT_EQ(one.map(typed(FieldKind::decimal, "0.30000000000000004")), "0.30000000000000004");
  EXPECT_EQ(one.map(typed(FieldKind::decimal, "12345678901234567.89")), "!out_of_range");
  OneColumn single = into(float_column(32));
  EXPECT_EQ(single.map(typed(FieldKind::decimal, "0.1")), "0.1");
  EXPECT_EQ(single.map(typed(FieldKind::decimal, "0.123456789")), "!out_of_range");
  EXPECT_EQ(single.map(typed(FieldKind::integer, "16777216")), "16777216");
  EXPECT_EQ(single.map(bare("16777217")), "!out_of_range");
  OneColumn number = into(float_column(64), schema_field("value", ValueType::number));
  EXPECT_EQ(number.map("9007199254740993"), "9007199254740993") << "said to be a binary float";
}

TEST(Catalog, IntegersAndDecimalsIntoABinaryFloatFailTheJobUnlessALossIsAllowed) {
  for (const ValueType type : {ValueType::integer, ValueType::decimal}) {
    JobSpec spec = with_schema({schema_field("value", type)});
    const auto make = [&] {
      RecordMapper(spec, header({"value"}), catalog_of({float_column(64)}));
    };
    EXPECT_THAT(error_of(make), HasSubstr("lossy_column: The column \"value\""));
    spec.destination = SqlDestinationSpec{.allow_lossy = true};
    EXPECT_EQ(error_of(make), "nothing");
  }
}

TEST(Catalog, ANumberIsNoDate) {
  for (const ValueType type : {ValueType::date, ValueType::time, ValueType::datetime}) {
    OneColumn one = into(catalog_column("value", type));
    EXPECT_EQ(one.map(typed(FieldKind::integer, "1627300615")), "!type_mismatch");
    EXPECT_EQ(one.map(typed(FieldKind::decimal, "1627300615.5")), "!type_mismatch");
    OneColumn integer =
        into(catalog_column("value", type), schema_field("value", ValueType::integer));
    EXPECT_EQ(integer.map("1627300615"), "!type_mismatch");
    EXPECT_EQ(one.map(bare("1627300615")), "!type_mismatch");
    EXPECT_EQ(one.map(bare("20241231")), "20241231") << "the server decides";
  }
}

TEST(Catalog, TimesKeepTheirFractionsDateAndOffset) {
  DestinationColumn seconds = catalog_column("value", ValueType::datetime);
  seconds.fraction_digits = 0;
  seconds.drops_offset = true;
  OneColumn one = into(seconds);
  for (const char* text : {"2024-12-31 23:59:59", "2024-12-31T23:59:59.000Z",
                           "2024-12-31 23:59:59+00:00", "2024-12-31", "now"})
    EXPECT_EQ(one.map(bare(text)), text);
  for (const char* text : {"2024-12-31 23:59:59.5", "2024-12-31T23:59:59+01:00"})
    EXPECT_EQ(one.map(bare(text)), "!out_of_range") << text;
  OneColumn micros = into(catalog_column("value", ValueType::datetime));
  EXPECT_EQ(micros.map(bare("2024-12-31 23:59:59.123456+02")), "2024-12-31 23:59:59.123456+02");
  EXPECT_EQ(micros.map(bare("2024-12-31 23:59:59.1234567")), "!out_of_range");
  OneColumn date = into(catalog_column("value", ValueType::date));
  for (const char* text : {"2024-12-31", "2024-12-31 00:00:00", "2024-12-31 12:00 AM"})
    EXPECT_EQ(date.map(bare(text)), text);
  EXPECT_EQ(date.map(bare("2024-12-31 10:00")), "!out_of_range");
  OneColumn time = into(catalog_column("value", ValueType::time));
  EXPECT_EQ(time.map(bare("23:59:59.5")), "23:59:59.5");
  EXPECT_EQ(time.map(bare("2024-12-31 23:59")), "!out_of_range");
}

TEST(Catalog, ConstantsAreNoDecimalFields) {
  DestinationColumn column = catalog_column("rate");
  column.lossy_decimal = true;
  MappingEntry constant;
  constant.to = "rate";
  constant.constant.emplace("0.5");
  constant.constant_type = ValueType::decimal;
  EXPECT_EQ(
      error_of([&] { RecordMapper(with_mapping({constant}), header({}), catalog_of({column})); }),
      "nothing");
  constant.constant.emplace("0.12345678901234567890");
  EXPECT_THAT(
      error_of([&] { RecordMapper(with_mapping({constant}), header({}), catalog_of({column})); }),
      HasSubstr("out_of_range"));
}

TEST(Catalog, AllErrorsOfTheCatalogAreKept) {
  DestinationColumn required = catalog_column("a");
  required.not_null = true;
  DestinationColumn number = catalog_column("b", ValueType::integer);
  TestBatch batch({"a", "b"});
  batch.add_bare({"", "x"});
  const RecordMapper mapper({}, header({"a", "b"}), catalog_of({required, number}));
  const MappedBatch mapped = mapped_of(mapper, batch);
  ASSERT_EQ(mapped.exceptions.at(0).errors.size(), 2U);
  EXPECT_EQ(mapped.exceptions[0].errors[0].column, "a");
  EXPECT_EQ(mapped.exceptions[0].errors[1].column, "b");
}

}  // namespace
}  // namespace freight::mapping
