// Columns that are not a field as it is: templates, coalesce, system values, transforms in a row.
#include <gtest/gtest.h>

#include "freight/error.hpp"
#include "mapping_support.hpp"

namespace freight::mapping::computed_columns_test {
namespace {

using Texts = std::vector<std::optional<std::string>>;

MappingEntry text_template(std::string text) {
  MappingEntry entry;
  entry.to = "out";
  entry.text_template = std::move(text);
  return entry;
}

MappingEntry coalesce(std::vector<std::string> fields) {
  MappingEntry entry;
  entry.to = "out";
  entry.coalesce = std::move(fields);
  return entry;
}

MappingEntry system(SystemColumn column) {
  MappingEntry entry;
  entry.to = "out";
  entry.system = column;
  return entry;
}

JobSpec with(MappingEntry entry) {
  JobSpec spec;
  spec.has_mapping = true;
  spec.mapping = {std::move(entry)};
  return spec;
}

/// What became of a batch, with the mapper that constants and defaults belong to.
struct MappedRecords {
  RecordMapper mapper;
  MappedBatch mapped = {};
};

MappedRecords mapped_of(const JobSpec& spec, TestBatch& batch, const JobFacts& facts = {}) {
  MappedRecords outcome{RecordMapper(spec, header(*batch.batch().layout), open_catalog(), facts)};
  outcome.mapper.map(batch.batch(), outcome.mapped);
  return outcome;
}

/// The column of a record of the fields `a` and `b`.
std::optional<std::string> column(const JobSpec& spec, const TestField& a, const TestField& b) {
  TestBatch batch({"a", "b"});
  batch.add({a, b});
  const auto [mapper, mapped] = mapped_of(spec, batch);
  if (mapped.rows.rows() == 1) return row_of(mapped, 0)[0];
  return "!" + std::string(to_string(mapped.exceptions.at(0).errors.at(0).code));
}

std::string error_of(const JobSpec& spec) {
  try {
    target_columns(spec, header({"a", "b"}));
  } catch (const Error& error) {
    return std::string(to_string(error.code())) + ": " + error.what();
  }
  return "nothing";
}

TEST(Template, PutsFieldsIntoAText) {
  EXPECT_EQ(column(with(text_template("{a} {b}")), bare("Anna"), bare("Müller")), "Anna Müller");
  EXPECT_EQ(column(with(text_template("<{a}|{a}>")), bare("x"), bare("y")), "<x|x>");
  EXPECT_EQ(column(with(text_template("{{{a}}} {{b}}")), bare("x"), bare("y")), "{x} {b}");
  EXPECT_EQ(column(with(text_template("{A}")), bare("x"), bare("y")), "x");
  EXPECT_EQ(column(with(text_template("{a}")), typed(FieldKind::integer, "7"), absent()), "7");
  EXPECT_EQ(column(with(text_template("{a}")), in_quote_marks(""), absent()), "");
}

TEST(Template, IsNullWhenAFieldIsMissing) {
  JobSpec spec = with(text_template("{a}-{b}"));
  EXPECT_EQ(column(spec, bare("x"), bare("")), std::nullopt);
  EXPECT_EQ(column(spec, absent(), bare("y")), std::nullopt);
  spec.mapping[0].default_value = "none";
  EXPECT_EQ(column(spec, bare("x"), json_null()), "none");
}

TEST(Template, TakesWhatTheSchemaMadeOfTheFields) {
  JobSpec spec = with(text_template("{a}/{b}"));
  spec.schema.emplace();
  spec.schema->fields = {schema_field("a", ValueType::date), schema_field("b", ValueType::integer)};
  spec.schema->fields[0].format = "%d.%m.%Y";
  spec.schema->fields[1].on_error = OnError::null;
  EXPECT_EQ(column(spec, bare("29.02.2024"), bare("+07")), "2024-02-29/7");
  EXPECT_EQ(column(spec, bare("29.02.2024"), bare("x")), std::nullopt);
}

TEST(Template, GoesThroughTransformsLookupAndType) {
  JobSpec spec = with(text_template(" {a}{b} "));
  spec.mapping[0].transforms = {{.kind = TransformKind::trim}, {.kind = TransformKind::upper}};
  EXPECT_EQ(column(spec, bare("x"), bare("y")), "XY");
  spec.mapping[0].has_lookup = true;
  spec.mapping[0].lookup = {{"XY", "17"}};
  spec.mapping[0].type = ValueType::integer;
  EXPECT_EQ(column(spec, bare("x"), bare("y")), "17");
  EXPECT_EQ(column(spec, bare("x"), bare("z")), "!lookup_miss");
}

TEST(Template, MakesNoTextBeyondTheLimit) {
  std::string text;
  for (int count = 0; count < 17; ++count) text += "{a}";
  EXPECT_EQ(column(with(text_template(text)), bare(std::string(1024 * 1024, 'x')), absent()),
            "!too_long");
}

TEST(Template, OfUnknownFieldsAndBrokenBracesIsRefused) {
  EXPECT_EQ(error_of(with(text_template("{a} {name}"))),
            "missing_header: The header lacks the field \"name\".");
  for (const char* text : {"{a", "a}", "{}", "{a{b}}", "{a}}"})
    EXPECT_EQ(error_of(with(text_template(text))).substr(0, 13), "invalid_value") << text;
}

TEST(Coalesce, TakesTheFirstThatIsNotMissing) {
  JobSpec spec = with(coalesce({"a", "b"}));
  EXPECT_EQ(column(spec, bare("x"), bare("y")), "x");
  EXPECT_EQ(column(spec, bare(""), bare("y")), "y");
  EXPECT_EQ(column(spec, json_null(), bare("y")), "y");
  EXPECT_EQ(column(spec, in_quote_marks(""), bare("y")), "");
  EXPECT_EQ(column(spec, bare(""), absent()), std::nullopt);
  spec.mapping[0].default_value = "none";
  EXPECT_EQ(column(spec, bare(""), absent()), "none");
  EXPECT_EQ(error_of(with(coalesce({"a", "c"}))).substr(0, 14), "missing_header");
}

TEST(Coalesce, PassesOverWhatOnErrorNulled) {
  JobSpec spec = with(coalesce({"a", "b"}));
  spec.schema.emplace();
  spec.schema->fields = {schema_field("a", ValueType::integer),
                         schema_field("b", ValueType::integer)};
  spec.schema->fields[0].on_error = OnError::null;
  EXPECT_EQ(column(spec, bare("x"), bare("2")), "2");
}

TEST(Coalesce, IsOfTheTypeThatAllItsFieldsHave) {
  JobSpec spec = with(coalesce({"a", "b"}));
  spec.schema.emplace();
  spec.schema->fields = {schema_field("a", ValueType::integer),
                         schema_field("b", ValueType::integer)};
  EXPECT_EQ(target_columns(spec, header({"a", "b"})).columns[0].type, ValueType::integer);
  EXPECT_TRUE(target_columns(spec, header({"a", "b"})).columns[0].typed);
  spec.schema->fields[1].type = ValueType::date;
  EXPECT_FALSE(target_columns(spec, header({"a", "b"})).columns[0].typed);
}

JobFacts facts() {
  return {.job_id = *JobId::parse("01890a5d-ac96-774b-bcce-b302099a8057"),
          .started_at = parse_timestamp("2026-11-23T10:00:00.500000Z")};
}

Texts system_values(const JobSpec& spec) {
  TestBatch batch({"a"});
  batch.add_bare({"x"}).add_bare({"y"});
  const auto [mapper, mapped] = mapped_of(spec, batch, facts());
  return {row_of(mapped, 0).at(0), row_of(mapped, 1).at(0)};
}

TEST(System, SaysWhatIsKnownOfJobAndRecord) {
  EXPECT_EQ(system_values(with(system(SystemColumn::job_id))),
            Texts(2, "01890a5d-ac96-774b-bcce-b302099a8057"));
  EXPECT_EQ(system_values(with(system(SystemColumn::started_at))),
            Texts(2, "2026-11-23 10:00:00.500000+00:00"));
  EXPECT_EQ(system_values(with(system(SystemColumn::ordinal))), (Texts{"100", "101"}));
  EXPECT_EQ(system_values(with(system(SystemColumn::line))), (Texts{"102", "103"}));
}

TEST(System, NamesTheSource) {
  JobSpec spec = with(system(SystemColumn::source));
  const auto name = [&spec](SourceSpec source) {
    spec.source = std::move(source);
    return system_values(spec).at(0);
  };
  CsvSourceSpec csv;
  csv.path = "/data/customers.csv";
  EXPECT_EQ(name(csv), "/data/customers.csv");
  JsonlSourceSpec jsonl;
  jsonl.path = "/data/customers.jsonl";
  EXPECT_EQ(name(jsonl), "/data/customers.jsonl");
  SqlSourceSpec sql;
  sql.url = "postgresql://user:secret@host/db";
  sql.table = "public.customers";
  EXPECT_EQ(name(sql), "public.customers");
  sql.table.clear();
  EXPECT_EQ(name(sql), "query");
  EXPECT_EQ(name(InlineSourceSpec{}), "inline");
  EXPECT_EQ(name(CustomConnectorSpec{.type = "crm"}), "crm");
}

TEST(System, ShowsNoValueOfTheEnvironment) {
  JobSpec spec = with(system(SystemColumn::source));
  CsvSourceSpec csv;
  csv.path = "/data/secret/customers.csv";
  spec.source = csv;
  spec.needs_secrets = true;
  spec.display_json = R"({"source": {"type": "csv", "path": "/data/${env:SECRET}/customers.csv"}})";
  EXPECT_EQ(system_values(spec).at(0), "/data/${env:SECRET}/customers.csv");
}

TEST(System, HasTypesOfItsOwn) {
  const auto type = [](SystemColumn column) {
    return target_columns(with(system(column)), header({})).columns[0].type;
  };
  EXPECT_EQ(type(SystemColumn::job_id), ValueType::uuid);
  EXPECT_EQ(type(SystemColumn::ordinal), ValueType::integer);
  EXPECT_EQ(type(SystemColumn::line), ValueType::integer);
  EXPECT_EQ(type(SystemColumn::source), ValueType::string);
  EXPECT_EQ(type(SystemColumn::started_at), ValueType::datetime);
}

TEST(System, GoesThroughTransforms) {
  JobSpec spec = with(system(SystemColumn::started_at));
  spec.mapping[0].transforms = {{.kind = TransformKind::format_date, .argument = "%Y"}};
  EXPECT_EQ(system_values(spec), Texts(2, "2026"));
  spec = with(system(SystemColumn::ordinal));
  spec.mapping[0].transforms = {{.kind = TransformKind::pad_left, .argument = "0", .length = 5}};
  EXPECT_EQ(system_values(spec), (Texts{"00100", "00101"}));
  EXPECT_FALSE(target_columns(spec, header({})).columns[0].typed);
}

TEST(System, IsNullWhereThereIsNothingToSay) {
  TestBatch batch({"a"});
  batch.add_bare({"x"});
  batch.batch().records[0].line = 0;
  JobSpec spec = with(system(SystemColumn::line));
  EXPECT_EQ(row_of(mapped_of(spec, batch).mapped, 0), Texts{std::nullopt});
  spec = with(system(SystemColumn::started_at));
  EXPECT_EQ(row_of(mapped_of(spec, batch).mapped, 0), Texts{std::nullopt});
  spec.mapping[0].default_value = "never";
  EXPECT_EQ(row_of(mapped_of(spec, batch).mapped, 0), Texts{"never"});
}

TEST(ComputedColumns, CountAsMappedFields) {
  JobSpec spec = with(text_template("{a}"));
  spec.mapping.push_back(coalesce({"b"}));
  spec.mapping[1].to = "other";
  EXPECT_EQ(RecordMapper(spec, header({"a", "b", "c"}), open_catalog()).unmapped_columns(),
            std::vector<std::string>{"c"});
}

TEST(ComputedColumns, WhatATransformMadeNullTakesTheDefault) {
  JobSpec spec = with(from("out", "a"));
  spec.mapping[0].transforms = {{.kind = TransformKind::trim},
                                {.kind = TransformKind::nullify_empty}};
  EXPECT_EQ(column(spec, bare("  "), absent()), std::nullopt);
  spec.mapping[0].default_value = "none";
  EXPECT_EQ(column(spec, bare("  "), absent()), "none");
  EXPECT_EQ(column(spec, bare(" x "), absent()), "x");
}

TEST(ComputedColumns, AValueThatDoesNotParseIsAnErrorOfTheMapping) {
  JobSpec spec = with(from("out", "a"));
  spec.mapping[0].transforms = {{.kind = TransformKind::parse_date, .argument = "%d.%m.%Y"}};
  TestBatch batch({"a"});
  batch.add_bare({"2024-02-29"});
  const auto [mapper, mapped] = mapped_of(spec, batch);
  const RecordError& error = mapped.exceptions.at(0).errors.at(0);
  EXPECT_EQ(error.code, Code::type_mismatch);
  EXPECT_EQ(error.stage, Stage::map);
  EXPECT_EQ(error.column, "out");
  EXPECT_EQ(error.value, "2024-02-29");
  EXPECT_EQ(error.expected, "a date in the format %d.%m.%Y");
  EXPECT_EQ(error.hint, "The format of the \"parse_date\" is \"%d.%m.%Y\".");
}

TEST(ComputedColumns, ACutValueIsAWarning) {
  JobSpec spec = with(from("out", "a"));
  spec.mapping[0].transforms = {{.kind = TransformKind::truncate, .length = 3}};
  TestBatch batch({"a"});
  batch.add_bare({"abcdef"}).add_bare({"abc"});
  const auto [mapper, mapped] = mapped_of(spec, batch);
  EXPECT_EQ(row_of(mapped, 0), Texts{"abc"});
  EXPECT_EQ(row_of(mapped, 1), Texts{"abc"});
  EXPECT_EQ(mapped.with_warnings, 1U);
  ASSERT_EQ(mapped.exceptions.size(), 1U);
  EXPECT_EQ(mapped.exceptions[0].outcome, Outcome::succeeded);
  const RecordError& warning = mapped.exceptions[0].errors.at(0);
  EXPECT_EQ(warning.code, Code::too_long);
  EXPECT_EQ(warning.stage, Stage::map);
  EXPECT_EQ(warning.column, "out");
  EXPECT_EQ(warning.value, "abcdef");
}

TEST(ComputedColumns, OneBatchMakesNoMoreThanItsShareOfTexts) {
  JobSpec spec = with(from("out", "a"));
  spec.mapping[0].transforms = {
      {.kind = TransformKind::pad_left, .argument = "x", .length = 16 * 1024 * 1024}};
  TestBatch batch({"a"});
  for (int count = 0; count < 18; ++count) batch.add_bare({"y"});
  const auto [mapper, mapped] = mapped_of(spec, batch);
  EXPECT_EQ(mapped.rows.rows(), 16U);
  ASSERT_EQ(mapped.exceptions.size(), 2U);
  EXPECT_EQ(mapped.exceptions[0].errors.at(0).code, Code::too_long);
}

}  // namespace
}  // namespace freight::mapping::computed_columns_test
