// parse -> filter -> schema -> mapping -> catalog: a record that fails a stage goes no further.
#include <gtest/gtest.h>

#include "freight/error.hpp"
#include "mapping_support.hpp"

namespace freight::mapping {
namespace {

/// Every stage has something against the field `value`: the filter "drop", the schema what is no
/// integer, the mapping what is not in the lookup, the catalog what is longer than two characters.
JobSpec picky_spec() {
  JobSpec spec;
  spec.schema.emplace();
  spec.schema->fields = {schema_field("value", ValueType::integer),
                         schema_field("other", ValueType::integer)};
  spec.filter.emplace();
  spec.filter->kind = FilterSpec::Kind::ne;
  spec.filter->field = "value";
  spec.filter->values = {"drop"};
  spec.has_mapping = true;
  spec.mapping = {from("value", "value"), from("other", "other")};
  spec.mapping[0].has_lookup = true;
  spec.mapping[0].lookup = {{"1", "ok"}, {"2", "too long"}};
  return spec;
}

DestinationCatalog picky_catalog() {
  DestinationCatalog catalog;
  catalog.columns = {catalog_column("value", ValueType::string),
                     catalog_column("other", ValueType::integer)};
  catalog.columns[0].max_length = 2;
  catalog.columns[1].not_null = true;
  return catalog;
}

/// What became of one record, and the stage and codes that say why.
std::string fate(const std::string& value, const std::string& other) {
  TestBatch batch({"value", "other"});
  batch.add_bare({value, other});
  MappedBatch mapped;
  RecordMapper(picky_spec(), header({"value", "other"}), picky_catalog())
      .map(batch.batch(), mapped);
  if (!mapped.filtered.empty()) return "filtered";
  if (mapped.exceptions.empty()) return "written";
  std::string text;
  for (const RecordError& error : mapped.exceptions[0].errors)
    text += (text.empty() ? "" : " ") + std::string(to_string(error.stage)) + ":" + error.column +
            ":" + std::string(to_string(error.code));
  return text;
}

TEST(StageOrder, EachStageSeesOnlyWhatTheOnesBeforeLetThrough) {
  EXPECT_EQ(fate("1", "5"), "written");
  EXPECT_EQ(fate("drop", "x"), "filtered");
  EXPECT_EQ(fate("y", "x"), "validate:value:type_mismatch validate:other:type_mismatch");
  EXPECT_EQ(fate("3", "x"), "validate:other:type_mismatch");
  EXPECT_EQ(fate("3", ""), "map:value:lookup_miss");
  EXPECT_EQ(fate("2", ""), "validate:value:too_long validate:other:not_null_violation");
}

TEST(StageOrder, ARecordThatWasNotParsedIsNotFiltered) {
  TestBatch batch({"value", "other"});
  batch.add_broken({.code = Code::too_many_fields, .stage = Stage::parse}, "drop,1,2");
  MappedBatch mapped;
  RecordMapper(picky_spec(), header({"value", "other"}), picky_catalog())
      .map(batch.batch(), mapped);
  EXPECT_TRUE(mapped.filtered.empty());
  ASSERT_EQ(mapped.exceptions.size(), 1U);
  EXPECT_EQ(mapped.exceptions[0].errors.at(0).code, Code::too_many_fields);
}

TEST(StageOrder, AFilteredRecordDoesNotFailTheJob) {
  JobSpec spec = picky_spec();
  spec.schema->fields[0].on_error = OnError::fail;
  TestBatch batch({"value", "other"});
  batch.add_bare({"drop", "1"});
  MappedBatch mapped;
  const RecordMapper mapper(spec, header({"value", "other"}), picky_catalog());
  mapper.map(batch.batch(), mapped);
  EXPECT_EQ(mapped.filtered.size(), 1U);
  TestBatch bad({"value", "other"});
  bad.add_bare({"x", "1"});
  EXPECT_THROW(mapper.map(bad.batch(), mapped), Error);
}

TEST(StageOrder, AFilteredRecordsOwnKeysAreItsOwn) {
  JobSpec spec;
  spec.filter.emplace();
  spec.filter->kind = FilterSpec::Kind::eq;
  spec.filter->field = "id";
  spec.filter->values = {"2"};
  SourceDescription source = header({"id"});
  source.open_fields = true;
  DestinationCatalog catalog;
  catalog.columns = {catalog_column("id")};
  TestBatch batch({"id"});
  batch.add({typed(FieldKind::integer, "1")}).with_extra_field("other");
  batch.add({typed(FieldKind::integer, "2")});
  MappedBatch mapped;
  RecordMapper(spec, source, catalog).map(batch.batch(), mapped);
  EXPECT_EQ(mapped.rows.rows(), 1U);
  EXPECT_TRUE(mapped.exceptions.empty());
}

std::string key_values(const JobSpec& spec, const DestinationCatalog& catalog) {
  TestBatch batch({"id", "email", "amount"});
  batch.add_bare({"7", "a@x", "bad"});
  MappedBatch mapped;
  RecordMapper(spec, header({"id", "email", "amount"}), catalog).map(batch.batch(), mapped);
  return mapped.exceptions.at(0).key_values;
}

TEST(KeyValues, AreOfTheMergeKeyElseOfTheSchemasPrimaryKey) {
  JobSpec spec;
  spec.schema.emplace();
  spec.schema->fields = {schema_field("id", ValueType::integer),
                         schema_field("email", ValueType::string),
                         schema_field("amount", ValueType::integer)};
  spec.has_mapping = true;
  spec.mapping = {from("customer_id", "id"), from("mail", "email"), from("amount", "amount")};
  DestinationCatalog catalog;
  catalog.columns = {catalog_column("customer_id"), catalog_column("MAIL"),
                     catalog_column("amount"), catalog_column("tenant")};
  EXPECT_EQ(key_values(spec, catalog), "");
  spec.schema->primary_key = {"id"};
  EXPECT_EQ(key_values(spec, catalog), R"({"id":"7"})");
  catalog.merge_key = {"MAIL", "customer_id"};
  EXPECT_EQ(key_values(spec, catalog), R"({"MAIL":"a@x","customer_id":"7"})");
  MappingEntry constant;
  constant.to = "tenant";
  constant.constant.emplace("acme");
  spec.mapping.push_back(constant);
  catalog.merge_key = {"tenant", "customer_id"};
  EXPECT_EQ(key_values(spec, catalog), R"({"tenant":"acme","customer_id":"7"})");
}

}  // namespace
}  // namespace freight::mapping
