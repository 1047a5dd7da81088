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

// --- Header
// ---------------------------------------------------------------------------------------

TEST(Header, MatchesExactlyElseTrimmedAndIgnoringCase) {
  const JobSpec spec = with_schema(
      {schema_field("id", ValueType::integer), schema_field("Größe", ValueType::string)});
  TestBatch batch({" ID ", "GRÖSSE", "größe"});
  batch.add_bare({"1", "x", "y"});
  const RecordMapper mapper(spec, header({" ID ", "GRÖSSE", "größe"}), open_catalog());
  EXPECT_THAT(row_of(mapped_of(mapper, batch), 0), ElementsAre("1", "y"));
  EXPECT_THAT(mapper.unmapped_columns(), ElementsAre("GRÖSSE"));
}

TEST(Header, AnExactMatchIsNoOtherNames) {
  const JobSpec spec =
      with_schema({schema_field("ID", ValueType::string), schema_field("id", ValueType::string)});
  EXPECT_THAT(error_of([&] {
                target_columns(spec, header({"id", "name"}));
              }),
              HasSubstr("missing_header: The header lacks the field \"ID\"; did you mean \"id\"?"));
  EXPECT_THAT(error_of([&] { target_columns(spec, header({"id", "Id"})); }), HasSubstr("nothing"));
}

TEST(Header, AmbiguousNamesDoNotMatch) {
  const JobSpec spec = with_schema({schema_field("id", ValueType::integer)});
  EXPECT_THAT(error_of([&] {
                target_columns(spec, header({"ID", "Id"}));
              }),
              HasSubstr("missing_header"));
}

TEST(Header, CaseSensitiveMatchesExactlyOnly) {
  JobSpec spec = with_schema({schema_field("id", ValueType::integer)});
  CsvSourceSpec csv;
  csv.dialect.case_sensitive_header = true;
  spec.source = csv;
  EXPECT_THAT(error_of([&] { target_columns(spec, header({"ID"})); }), HasSubstr("missing_header"));
}

TEST(Header, EveryMissingFieldIsNamedWithTheNearest) {
  const JobSpec spec = with_schema(
      {schema_field("email", ValueType::string), schema_field("birthday", ValueType::date)});
  const std::string message = error_of([&] { target_columns(spec, header({"e-mail", "id"})); });
  EXPECT_THAT(message,
              AllOf(HasSubstr("\"email\"; did you mean \"e-mail\"?"), HasSubstr("\"birthday\"."),
                    HasSubstr("The header has: \"e-mail\", \"id\"")));
  const JobSpec mapping = with_mapping({from("a", "emial")});
  EXPECT_THAT(error_of([&] { target_columns(mapping, header({"email"})); }),
              HasSubstr("did you mean \"email\"?"));
}

TEST(Header, MissingColumnsMayBeNull) {
  JobSpec spec = with_schema(
      {schema_field("id", ValueType::integer), schema_field("email", ValueType::string)});
  spec.schema->missing_columns = MissingColumns::null;
  TestBatch batch({"id"});
  batch.add_bare({"1"});
  const RecordMapper mapper(spec, header({"id"}), open_catalog());
  EXPECT_THAT(row_of(mapped_of(mapper, batch), 0), ElementsAre("1", std::nullopt));
}

TEST(Header, ExtraColumnsAreIgnoredOrRefused) {
  JobSpec spec = with_schema({schema_field("id", ValueType::integer)});
  EXPECT_THAT(names(target_columns(spec, header({"id", "x", "y"})).columns), ElementsAre("id"));
  spec.schema->extra_columns = ExtraColumns::error;
  EXPECT_THAT(error_of([&] {
                target_columns(spec, header({"id", "x", "y"}));
              }),
              AllOf(HasSubstr("extra_column: "), HasSubstr("\"x\", \"y\"")));
}

// --- Target columns
// -------------------------------------------------------------------------------

TEST(TargetColumns, WithoutSchemaAreTheFieldsUntyped) {
  const TargetColumns target = target_columns({}, header({"a", "b"}));
  EXPECT_THAT(names(target.columns), ElementsAre("a", "b"));
  EXPECT_FALSE(target.columns[0].typed);
  EXPECT_EQ(target.columns[0].type, ValueType::string);
}

TEST(TargetColumns, TakeTypesKeyAndRequiredFromTheSchema) {
  JobSpec spec =
      with_schema({schema_field("id", ValueType::integer), schema_field("name", ValueType::string),
                   schema_field("born", ValueType::date)});
  spec.schema->fields[0].constraints.required = true;
  spec.schema->fields[2].constraints.required = true;
  spec.schema->primary_key = {"id"};
  spec.has_mapping = true;
  spec.mapping = {from("customer_id", "id"), from("name", "name"), from("birthday", "born")};
  spec.mapping[1].transforms = {{.kind = TransformKind::trim}};
  spec.mapping[2].transforms = {{.kind = TransformKind::upper}};
  const TargetColumns target = target_columns(spec, header({"id", "name", "born"}));
  EXPECT_THAT(names(target.columns), ElementsAre("customer_id", "name", "birthday"));
  EXPECT_TRUE(target.columns[0].typed);
  EXPECT_EQ(target.columns[0].type, ValueType::integer);
  EXPECT_TRUE(target.columns[1].typed);
  EXPECT_FALSE(target.columns[2].typed);
  EXPECT_THAT(target.primary_key, ElementsAre("customer_id"));
  EXPECT_THAT(target.required, ElementsAre("customer_id"));
}

TEST(TargetColumns, PartOfAKeyIsNone) {
  JobSpec spec =
      with_schema({schema_field("a", ValueType::integer), schema_field("b", ValueType::integer)});
  spec.schema->primary_key = {"a", "b"};
  spec.has_mapping = true;
  spec.mapping = {from("a", "a")};
  EXPECT_THAT(target_columns(spec, header({"a", "b"})).primary_key, IsEmpty());
}

// --- Mapping
// --------------------------------------------------------------------------------------

std::optional<std::string> mapped_value(MappingEntry entry, const TestField& field) {
  entry.to = "out";
  entry.from = "in";
  TestBatch batch({"in"});
  batch.add({field});
  const RecordMapper mapper(with_mapping({entry}), header({"in"}), open_catalog());
  const MappedBatch mapped = mapped_of(mapper, batch);
  if (mapped.rows.rows() == 1) return row_of(mapped, 0)[0];
  const RecordError& error = mapped.exceptions.at(0).errors.at(0);
  EXPECT_EQ(error.stage, Stage::map);
  EXPECT_EQ(error.column, "out");
  return "!" + std::string(to_string(error.code));
}

TEST(Mapping, Transforms) {
  MappingEntry entry;
  entry.transforms = {{.kind = TransformKind::trim}, {.kind = TransformKind::lower}};
  EXPECT_EQ(mapped_value(entry, bare("  ÄNNE@X.CH ")), "änne@x.ch");
  EXPECT_EQ(mapped_value(entry, bare("")), std::nullopt);
  EXPECT_EQ(mapped_value(entry, in_quote_marks("")), "");
  EXPECT_EQ(mapped_value(entry, in_quote_marks("  ")), "");
  entry.transforms = {{.kind = TransformKind::upper}};
  EXPECT_EQ(mapped_value(entry, bare("straße ё")), "STRAßE Ё");
}

TEST(Mapping, DefaultTakesThePlaceOfWhatIsMissing) {
  MappingEntry entry;
  entry.default_value = "none";
  EXPECT_EQ(mapped_value(entry, bare("")), "none");
  EXPECT_EQ(mapped_value(entry, absent()), "none");
  EXPECT_EQ(mapped_value(entry, json_null()), "none");
  EXPECT_EQ(mapped_value(entry, in_quote_marks("")), "");
  EXPECT_EQ(mapped_value(entry, bare("x")), "x");
}

TEST(Mapping, Lookup) {
  MappingEntry entry;
  entry.has_lookup = true;
  entry.lookup = {{"CH", "Switzerland"}, {"XX", std::nullopt}};
  EXPECT_EQ(mapped_value(entry, bare("CH")), "Switzerland");
  EXPECT_EQ(mapped_value(entry, bare("XX")), std::nullopt);
  EXPECT_EQ(mapped_value(entry, bare("ch")), "!lookup_miss");
  EXPECT_EQ(mapped_value(entry, bare("")), std::nullopt);
  entry.transforms = {{.kind = TransformKind::trim}, {.kind = TransformKind::upper}};
  EXPECT_EQ(mapped_value(entry, bare(" ch")), "Switzerland");
  entry.default_value = "unknown";
  EXPECT_EQ(mapped_value(entry, bare("FR")), "unknown");
  EXPECT_EQ(mapped_value(entry, bare("")), "unknown");
  EXPECT_EQ(mapped_value(entry, bare("XX")), std::nullopt);
}

TEST(Mapping, OwnTypeAndFormat) {
  MappingEntry entry;
  entry.transforms = {{.kind = TransformKind::trim}};
  entry.type = ValueType::date;
  entry.format = "%d.%m.%Y";
  EXPECT_EQ(mapped_value(entry, bare(" 29.02.2024 ")), "2024-02-29");
  EXPECT_EQ(mapped_value(entry, bare("29.02.2023")), "!type_mismatch");
  EXPECT_EQ(mapped_value(entry, bare("   ")), std::nullopt);
  entry.default_value = "1970-01-01";
  EXPECT_EQ(mapped_value(entry, bare("   ")), "1970-01-01");
  entry.default_value = "31.12.1999";
  EXPECT_EQ(mapped_value(entry, bare("   ")), "1999-12-31");
  entry.default_value = "never";
  EXPECT_THAT(error_of([&] { mapped_value(entry, bare("")); }),
              HasSubstr("invalid_value: The default of column \"out\""));
}

TEST(Mapping, Constants) {
  MappingEntry text;
  text.to = "by";
  text.constant.emplace("freight");
  MappingEntry number;
  number.to = "wave";
  number.constant.emplace("3");
  number.constant_type = ValueType::integer;
  MappingEntry null;
  null.to = "nothing";
  null.constant.emplace(std::nullopt);
  TestBatch batch({"a"});
  batch.add_bare({"x"}).add_bare({"y"});
  const RecordMapper mapper(with_mapping({text, from("a", "a"), number, null}), header({"a"}),
                            open_catalog());
  const MappedBatch mapped = mapped_of(mapper, batch);
  EXPECT_THAT(row_of(mapped, 0), ElementsAre("freight", "x", "3", std::nullopt));
  EXPECT_THAT(row_of(mapped, 1), ElementsAre("freight", "y", "3", std::nullopt));
  EXPECT_EQ(mapped.rows.row(0)[2].type, ValueType::integer);
}

TEST(Mapping, OneFieldFillsTwoColumns) {
  TestBatch batch({"a"});
  batch.add_bare({"x"});
  MappingEntry upper = from("upper", "a");
  upper.transforms = {{.kind = TransformKind::upper}};
  const RecordMapper mapper(with_mapping({from("plain", "a"), upper}), header({"a"}),
                            open_catalog());
  EXPECT_THAT(row_of(mapped_of(mapper, batch), 0), ElementsAre("x", "X"));
}

TEST(Mapping, FieldsBesideTheSchemaAreText) {
  JobSpec spec = with_schema({schema_field("id", ValueType::integer)});
  spec.has_mapping = true;
  spec.mapping = {from("id", "id"), from("note", "Note")};
  TestBatch batch({"note", "id"});
  batch.add_bare({"n", "07"});
  const RecordMapper mapper(spec, header({"note", "id"}), open_catalog());
  EXPECT_THAT(row_of(mapped_of(mapper, batch), 0), ElementsAre("7", "n"));
}

TEST(Mapping, ErrorsOfTheStageAreKeptTogether) {
  MappingEntry first = from("first", "a");
  first.has_lookup = true;
  first.lookup = {{"1", "one"}};
  MappingEntry second = from("second", "a");
  second.type = ValueType::integer;
  TestBatch batch({"a"});
  batch.add_bare({"x"});
  const RecordMapper mapper(with_mapping({first, second}), header({"a"}), open_catalog());
  const MappedBatch mapped = mapped_of(mapper, batch);
  ASSERT_EQ(mapped.exceptions.at(0).errors.size(), 2U);
  EXPECT_EQ(mapped.exceptions[0].errors[0].code, Code::lookup_miss);
  EXPECT_EQ(mapped.exceptions[0].errors[1].code, Code::type_mismatch);
}

// --- Records with keys of their own
// ---------------------------------------------------------------

SourceDescription open_source(std::vector<std::string> fields) {
  SourceDescription source = header(std::move(fields));
  source.open_fields = true;
  source.typed = true;
  return source;
}

TEST(OwnKeys, WithoutAColumnRejectTheRecord) {
  TestBatch batch({"id", "bogus"});
  batch.add({typed(FieldKind::integer, "1"), absent()})
      .add({typed(FieldKind::integer, "2"), typed(FieldKind::string, "x")})
      .add({typed(FieldKind::integer, "3"), absent()})
      .with_extra_field("other")
      .add({typed(FieldKind::integer, "4"), json_null()});
  const RecordMapper mapper({}, open_source({"id", "bogus"}), catalog_of({catalog_column("id")}));
  const MappedBatch mapped = mapped_of(mapper, batch);
  EXPECT_THAT(names(mapped.rows.columns), ElementsAre("id"));
  EXPECT_THAT(mapped.rows.ordinals, ElementsAre(100));
  ASSERT_EQ(mapped.exceptions.size(), 3U);
  EXPECT_EQ(mapped.exceptions[0].errors[0].code, Code::unknown_column);
  EXPECT_EQ(mapped.exceptions[0].errors[0].column, "bogus");
  EXPECT_EQ(mapped.exceptions[0].errors[0].stage, Stage::map);
  EXPECT_EQ(mapped.exceptions[1].errors[0].column, "other");
}

TEST(OwnKeys, MayBeLacking) {
  JobSpec spec = with_schema(
      {schema_field("id", ValueType::integer), schema_field("name", ValueType::string)});
  TestBatch batch({"id"});
  batch.add({typed(FieldKind::integer, "1")});
  const RecordMapper mapper(spec, open_source({"id"}), open_catalog());
  EXPECT_THAT(row_of(mapped_of(mapper, batch), 0), ElementsAre("1", std::nullopt));
}

TEST(OwnKeys, AreIgnoredByAMappingAndAsTheSchemaSays) {
  const auto rows = [](const JobSpec& spec) {
    TestBatch batch({"id"});
    batch.add({typed(FieldKind::integer, "1")}).with_extra_field("other");
    return mapped_of(RecordMapper(spec, open_source({"id"}), catalog_of({catalog_column("id")})),
                     batch)
        .rows.rows();
  };
  EXPECT_EQ(rows(with_mapping({from("id", "id")})), 1U);
  JobSpec spec = with_schema({schema_field("id", ValueType::integer)});
  EXPECT_EQ(rows(spec), 1U);
  spec.schema->extra_columns = ExtraColumns::error;
  EXPECT_EQ(rows(spec), 0U);
  // The same for a key that the layout holds because another record has it.
  TestBatch batch({"id", "other"});
  batch.add({typed(FieldKind::integer, "1"), absent()})
      .add({typed(FieldKind::integer, "2"), typed(FieldKind::integer, "2")});
  const RecordMapper mapper(spec, open_source({"id", "other"}), catalog_of({catalog_column("id")}));
  EXPECT_THAT(mapped_of(mapper, batch).rows.ordinals, ElementsAre(100));
}

// --- Batches
// --------------------------------------------------------------------------------------

TEST(Batches, OfAnotherLayoutAreADefect) {
  const RecordMapper mapper({}, header({"a", "b"}), open_catalog());
  TestBatch batch({"a"});
  batch.add_bare({"x"});
  EXPECT_THAT(error_of([&] { mapped_of(mapper, batch); }), HasSubstr("internal: "));
}

TEST(Batches, AThousandColumnsAndALongValue) {
  std::vector<std::string> fields;
  for (int index = 0; index < 1000; ++index) fields.push_back("field_" + std::to_string(index));
  TestBatch batch(fields);
  std::vector<std::string> texts(1000, "x");
  texts[999] = std::string(2 * 1024 * 1024, 'y');
  batch.add_bare(texts);
  const RecordMapper mapper({}, header(fields), open_catalog());
  const MappedBatch mapped = mapped_of(mapper, batch);
  EXPECT_EQ(mapped.rows.row(0)[999].size, texts[999].size());
}

TEST(Batches, ClearKeepsNothing) {
  TestBatch batch({"value"});
  batch.add_bare({"x"}).add_bare({"1"});
  OneColumn one(schema_field("value", ValueType::integer));
  one.map("abc");
  one.mapped.clear();
  EXPECT_EQ(one.mapped.rows.rows(), 0U);
  EXPECT_THAT(one.mapped.exceptions, IsEmpty());
  EXPECT_THAT(one.mapped.record_of_row, IsEmpty());
}

}  // namespace
}  // namespace freight::mapping
