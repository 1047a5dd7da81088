#include <gtest/gtest.h>

#include "freight/error.hpp"
#include "mapping_support.hpp"

namespace freight::mapping::filter_test {
namespace {

using Kind = FilterSpec::Kind;

FilterSpec condition(Kind kind, std::vector<std::string> values, std::string field = "value") {
  FilterSpec filter;
  filter.kind = kind;
  filter.field = std::move(field);
  filter.values = std::move(values);
  return filter;
}

FilterSpec missing(bool expected) {
  FilterSpec filter = condition(Kind::missing, {});
  filter.expected = expected;
  return filter;
}

FilterSpec branch(Kind kind, std::vector<FilterSpec> operands) {
  FilterSpec filter;
  filter.kind = kind;
  filter.operands = std::move(operands);
  return filter;
}

JobSpec filtered_by(FilterSpec filter, std::optional<SchemaField> field = {}) {
  JobSpec spec = OneColumn(std::move(field)).spec;
  spec.filter = std::move(filter);
  return spec;
}

/// Whether a record of this one field goes on.
bool passes(const JobSpec& spec, const TestField& field) {
  TestBatch batch({"value"});
  batch.add({field});
  MappedBatch mapped;
  RecordMapper(spec, header({"value"}), open_catalog()).map(batch.batch(), mapped);
  return mapped.filtered.empty();
}
bool passes(const JobSpec& spec, const std::string& text) { return passes(spec, bare(text)); }

std::string error_of(const JobSpec& spec, const SourceDescription& source) {
  try {
    RecordMapper(spec, source, open_catalog());
  } catch (const Error& error) {
    return std::string(to_string(error.code())) + ": " + error.what();
  }
  return "nothing";
}

TEST(Filter, EqualityIsOfTexts) {
  const JobSpec eq = filtered_by(condition(Kind::eq, {"new"}));
  EXPECT_TRUE(passes(eq, "new"));
  EXPECT_FALSE(passes(eq, "New"));
  EXPECT_FALSE(passes(eq, " new"));
  EXPECT_TRUE(passes(eq, typed(FieldKind::string, "new")));
  const JobSpec ne = filtered_by(condition(Kind::ne, {"new"}));
  EXPECT_FALSE(passes(ne, "new"));
  EXPECT_TRUE(passes(ne, "old"));
  const JobSpec number = filtered_by(condition(Kind::eq, {"5"}));
  EXPECT_TRUE(passes(number, "5"));
  EXPECT_FALSE(passes(number, "5.0"));
  EXPECT_TRUE(passes(number, typed(FieldKind::integer, "5")));
}

TEST(Filter, InAndNotInTakeAnyOfTheValues) {
  const JobSpec in = filtered_by(condition(Kind::in, {"a", "b"}));
  EXPECT_TRUE(passes(in, "a"));
  EXPECT_TRUE(passes(in, "b"));
  EXPECT_FALSE(passes(in, "c"));
  const JobSpec not_in = filtered_by(condition(Kind::not_in, {"deleted", "gone"}));
  EXPECT_FALSE(passes(not_in, "gone"));
  EXPECT_TRUE(passes(not_in, "new"));
}

TEST(Filter, WhatHasNoTextEqualsNothing) {
  for (const TestField& none : {absent(), json_null()}) {
    EXPECT_FALSE(passes(filtered_by(condition(Kind::eq, {""})), none));
    EXPECT_FALSE(passes(filtered_by(condition(Kind::in, {"", "a"})), none));
    EXPECT_TRUE(passes(filtered_by(condition(Kind::ne, {"a"})), none));
    EXPECT_TRUE(passes(filtered_by(condition(Kind::not_in, {"a"})), none));
    EXPECT_FALSE(passes(filtered_by(condition(Kind::matches, {""})), none));
    EXPECT_FALSE(passes(filtered_by(condition(Kind::ge, {""})), none));
  }
  EXPECT_TRUE(passes(filtered_by(condition(Kind::eq, {""})), bare("")));
  EXPECT_TRUE(passes(filtered_by(condition(Kind::not_in, {"deleted"})), bare("")));
}

TEST(Filter, EqualityIsAlsoOfTheSchemasValues) {
  const auto equals = [](SchemaField field, const std::string& value, const std::string& text) {
    return passes(filtered_by(condition(Kind::eq, {value}), std::move(field)), text);
  };
  EXPECT_TRUE(equals(schema_field("", ValueType::integer), "5", "+05"));
  EXPECT_FALSE(equals(schema_field("", ValueType::integer), "5", "6"));
  EXPECT_FALSE(equals(schema_field("", ValueType::integer), "5", "five"));
  EXPECT_TRUE(equals(schema_field("", ValueType::integer), "five", "five"));
  EXPECT_TRUE(equals(schema_field("", ValueType::decimal), "1.5", "1.500"));
  EXPECT_TRUE(equals(schema_field("", ValueType::boolean), "true", "Yes"));
  EXPECT_TRUE(
      equals(schema_field("", ValueType::datetime), "2024-01-01T00:00Z", "2024-01-01T01:00+01:00"));
  SchemaField date = schema_field("", ValueType::date);
  date.format = "%d.%m.%Y";
  EXPECT_TRUE(equals(date, "2024-02-29", "29.02.2024"));
  EXPECT_TRUE(equals(date, "29.02.2024", "29.02.2024"));
  EXPECT_FALSE(equals(schema_field("", ValueType::string), "5", "5.0"));
  const JobSpec in =
      filtered_by(condition(Kind::in, {"3", "10", "2", "x"}), schema_field("", ValueType::decimal));
  for (const char* text : {"2.0", "3.0", "10.0", "x"}) EXPECT_TRUE(passes(in, text)) << text;
  for (const char* text : {"1.0", "2.5", "11", "", "y"}) EXPECT_FALSE(passes(in, text)) << text;
}

TEST(Filter, OrderIsOfTextsWithoutASchema) {
  const auto holds = [](Kind kind, const std::string& text) {
    return passes(filtered_by(condition(kind, {"b"})), text);
  };
  EXPECT_TRUE(holds(Kind::lt, "a"));
  EXPECT_FALSE(holds(Kind::lt, "b"));
  EXPECT_TRUE(holds(Kind::le, "b"));
  EXPECT_FALSE(holds(Kind::le, "ba"));
  EXPECT_TRUE(holds(Kind::gt, "ba"));
  EXPECT_FALSE(holds(Kind::gt, "b"));
  EXPECT_TRUE(holds(Kind::ge, "b"));
  EXPECT_TRUE(holds(Kind::ge, "ä"));
  EXPECT_FALSE(holds(Kind::lt, ""));
  EXPECT_TRUE(passes(filtered_by(condition(Kind::lt, {"9"})), "10"));
}

TEST(Filter, OrderIsOfTheSchemasType) {
  const auto below = [](SchemaField field, const std::string& bound, const std::string& text) {
    return passes(filtered_by(condition(Kind::lt, {bound}), std::move(field)), text);
  };
  EXPECT_TRUE(below(schema_field("", ValueType::integer), "10", "9"));
  EXPECT_FALSE(below(schema_field("", ValueType::integer), "9", "10"));
  EXPECT_TRUE(below(schema_field("", ValueType::decimal), "0.1000000000000000000001", "0.1"));
  EXPECT_FALSE(below(schema_field("", ValueType::decimal), "0.1", "1e2"));
  EXPECT_TRUE(below(schema_field("", ValueType::time), "12:00:00", "11:59"));
  EXPECT_TRUE(below(schema_field("", ValueType::datetime), "2024-01-01 00:00:00+00:00",
                    "2024-01-01T00:30+01:00"));
  SchemaField date = schema_field("", ValueType::date);
  date.format = "%d.%m.%Y";
  EXPECT_TRUE(below(date, "2024-02-01", "31.01.2024"));
  EXPECT_FALSE(below(date, "2024-02-01", "01.03.2023x"));
  SchemaField number = schema_field("", ValueType::decimal);
  number.decimal_char = ",";
  EXPECT_TRUE(below(number, "2.5", "2,4"));
  EXPECT_TRUE(below(schema_field("", ValueType::string), "9", "10"));
}

TEST(Filter, WhatCannotBeConvertedIsInNoOrder) {
  for (const Kind kind : {Kind::lt, Kind::le, Kind::gt, Kind::ge}) {
    const JobSpec spec = filtered_by(condition(kind, {"5"}), schema_field("", ValueType::integer));
    for (const char* text : {"", "five", "5.5", "99999999999999999999"})
      EXPECT_FALSE(passes(spec, text)) << text;
  }
}

TEST(Filter, NumbersOfATypedSourceCompareAsNumbers) {
  const JobSpec spec = filtered_by(condition(Kind::lt, {"10"}));
  EXPECT_TRUE(passes(spec, typed(FieldKind::integer, "9")));
  EXPECT_TRUE(passes(spec, typed(FieldKind::decimal, "9.99")));
  EXPECT_FALSE(passes(spec, typed(FieldKind::integer, "100")));
  EXPECT_FALSE(passes(spec, typed(FieldKind::string, "9")));
  EXPECT_TRUE(passes(filtered_by(condition(Kind::eq, {"1.5"})), typed(FieldKind::decimal, "1.50")));
}

TEST(Filter, MissingFollowsTheMissingValues) {
  EXPECT_TRUE(passes(filtered_by(missing(true)), ""));
  EXPECT_TRUE(passes(filtered_by(missing(true)), absent()));
  EXPECT_TRUE(passes(filtered_by(missing(true)), json_null()));
  EXPECT_FALSE(passes(filtered_by(missing(true)), in_quote_marks("")));
  EXPECT_FALSE(passes(filtered_by(missing(true)), "x"));
  EXPECT_TRUE(passes(filtered_by(missing(false)), "x"));
  EXPECT_FALSE(passes(filtered_by(missing(false)), ""));
  JobSpec spec = filtered_by(missing(true), schema_field("", ValueType::integer));
  EXPECT_TRUE(passes(spec, in_quote_marks("")));
  spec.schema->missing_values = {"NA"};
  EXPECT_TRUE(passes(spec, "NA"));
  EXPECT_TRUE(passes(spec, in_quote_marks("NA")));
}

TEST(Filter, MatchesSearchesAnywhere) {
  const JobSpec spec = filtered_by(condition(Kind::matches, {"b+"}));
  EXPECT_TRUE(passes(spec, "abbc"));
  EXPECT_FALSE(passes(spec, "ac"));
  EXPECT_FALSE(passes(filtered_by(condition(Kind::matches, {"^b"})), "ab"));
  EXPECT_FALSE(
      passes(filtered_by(condition(Kind::matches, {"(x+x+)+y"})), std::string(1024 * 1024, 'x')));
}

TEST(Filter, BranchesCombineWithoutDoubt) {
  const FilterSpec a = condition(Kind::matches, {"a"});
  const FilterSpec b = condition(Kind::matches, {"b"});
  const FilterSpec c = condition(Kind::matches, {"c"});
  const auto holds = [](const FilterSpec& filter, const char* text) {
    return passes(filtered_by(filter), text);
  };
  EXPECT_TRUE(holds(branch(Kind::all, {a, b}), "ab"));
  EXPECT_FALSE(holds(branch(Kind::all, {a, b}), "a"));
  EXPECT_TRUE(holds(branch(Kind::any, {a, b}), "b"));
  EXPECT_FALSE(holds(branch(Kind::any, {a, b}), "c"));
  EXPECT_TRUE(holds(branch(Kind::negation, {a}), "b"));
  EXPECT_FALSE(holds(branch(Kind::negation, {a}), "a"));
  const FilterSpec deep =
      branch(Kind::any, {branch(Kind::all, {a, branch(Kind::negation, {b})}), c});
  EXPECT_TRUE(holds(deep, "a"));
  EXPECT_FALSE(holds(deep, "ab"));
  EXPECT_TRUE(holds(deep, "abc"));
  EXPECT_FALSE(holds(deep, "x"));
  EXPECT_TRUE(
      holds(branch(Kind::all, {branch(Kind::any, {a, b}), branch(Kind::any, {b, c})}), "ac"));
}

TEST(Filter, KeepsRunsOfDroppedOrdinals) {
  TestBatch batch({"value"});
  for (const char* text : {"x", "x", "keep", "x", "keep", "x", "x"}) batch.add_bare({text});
  MappedBatch mapped;
  RecordMapper(filtered_by(condition(Kind::eq, {"keep"})), header({"value"}), open_catalog())
      .map(batch.batch(), mapped);
  EXPECT_EQ(mapped.rows.ordinals, (std::vector<std::uint64_t>{102, 104}));
  EXPECT_EQ(mapped.record_of_row, (std::vector<std::uint32_t>{2, 4}));
  ASSERT_EQ(mapped.filtered.size(), 3U);
  EXPECT_EQ(mapped.filtered[0].first_ordinal, 100U);
  EXPECT_EQ(mapped.filtered[0].last_ordinal, 101U);
  EXPECT_EQ(mapped.filtered[1].first_ordinal, 103U);
  EXPECT_EQ(mapped.filtered[1].last_ordinal, 103U);
  EXPECT_EQ(mapped.filtered[2].first_ordinal, 105U);
  EXPECT_EQ(mapped.filtered[2].last_ordinal, 106U);
  EXPECT_EQ(mapped.filtered[2].outcome, Outcome::filtered);
  EXPECT_TRUE(mapped.exceptions.empty());
  mapped.clear();
  EXPECT_TRUE(mapped.filtered.empty());
}

TEST(Filter, FindsFieldsAsAHeaderIsRead) {
  TestBatch batch({" Status ", "id"});
  batch.add_bare({"new", "1"}).add_bare({"old", "2"});
  JobSpec spec;
  spec.has_mapping = true;
  spec.mapping = {from("id", "id")};
  spec.filter = condition(Kind::eq, {"new"}, "status");
  MappedBatch mapped;
  const RecordMapper mapper(spec, header({" Status ", "id"}), open_catalog());
  mapper.map(batch.batch(), mapped);
  EXPECT_EQ(mapped.rows.ordinals, (std::vector<std::uint64_t>{100}));
  EXPECT_EQ(mapper.unmapped_columns(), (std::vector<std::string>{" Status "}));
}

TEST(Filter, OfAFieldThatTheHeaderLacksFailsTheJob) {
  JobSpec spec;
  spec.filter = branch(Kind::negation, {condition(Kind::eq, {"x"}, "statsu")});
  EXPECT_EQ(error_of(spec, header({"id", "status"})),
            "missing_header: The header lacks the field \"statsu\"; did you mean \"status\"?");
  spec.schema.emplace();
  spec.schema->fields = {schema_field("id", ValueType::integer)};
  spec.schema->missing_columns = MissingColumns::null;
  EXPECT_EQ(error_of(spec, header({"id", "status"})), "nothing");
  SourceDescription open = header({"id"});
  open.open_fields = true;
  spec.schema.reset();
  EXPECT_EQ(error_of(spec, open), "nothing");
}

TEST(Filter, ThatCannotBeMeantFailsTheJob) {
  const SourceDescription source = header({"value"});
  EXPECT_EQ(
      error_of(filtered_by(condition(Kind::lt, {"abc"}), schema_field("", ValueType::integer)),
               source),
      "invalid_value: The filter compares the field \"value\" with \"abc\", which is not of "
      "its type integer.");
  EXPECT_EQ(error_of(filtered_by(condition(Kind::matches, {"("})), source).substr(0, 15),
            "invalid_pattern");
  EXPECT_EQ(error_of(filtered_by(condition(Kind::lt, {})), source).substr(0, 13), "invalid_value");
  FilterSpec deep = condition(Kind::eq, {"x"});
  for (int depth = 0; depth < 100; ++depth) deep = branch(Kind::all, {deep});
  EXPECT_EQ(error_of(filtered_by(deep), source).substr(0, 13), "invalid_value");
}

}  // namespace
}  // namespace freight::mapping::filter_test
