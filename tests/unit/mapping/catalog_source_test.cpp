// What the mapping makes of a source that has a catalog of its own and no raw texts: SQL.
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "mapping/record_mapper.hpp"
#include "mapping_support.hpp"

namespace freight::mapping {
namespace {

SourceDescription people() {
  SourceDescription source = header({"id", "name", "paid", "what"});
  source.typed = true;
  source.field_types = {ValueType::integer, ValueType::string, ValueType::decimal, std::nullopt};
  source.primary_key = {"id"};
  source.required = {"id", "paid"};
  return source;
}

TEST(CatalogSource, GivesTypesKeyAndNotNullsToTheTargetColumns) {
  const TargetColumns target = target_columns({}, people());
  ASSERT_EQ(target.columns.size(), 4U);
  EXPECT_TRUE(target.columns[0].typed);
  EXPECT_EQ(target.columns[0].type, ValueType::integer);
  EXPECT_EQ(target.columns[2].type, ValueType::decimal);
  EXPECT_FALSE(target.columns[3].typed);
  EXPECT_EQ(target.primary_key, std::vector<std::string>{"id"});
  EXPECT_EQ(target.required, (std::vector<std::string>{"id", "paid"}));
}

TEST(CatalogSource, YieldsToTheSchemaAndToTransforms) {
  JobSpec spec;
  spec.schema.emplace();
  spec.schema->fields = {schema_field("id", ValueType::string)};
  spec.has_mapping = true;
  spec.mapping = {from("id", "id"), from("name", "name"), from("paid", "paid")};
  spec.mapping[2].transforms = {Transform{.kind = TransformKind::trim}};
  const TargetColumns target = target_columns(spec, people());
  EXPECT_EQ(target.columns.at(0).type, ValueType::string);
  EXPECT_TRUE(target.primary_key.empty());
  EXPECT_TRUE(target.columns.at(1).typed);
  EXPECT_FALSE(target.columns.at(2).typed);
}

TEST(CatalogSource, FillsABinaryColumnWithTheTextsOfBinaryNumbersHoweverLong) {
  DestinationColumn column = catalog_column("ratio");
  column.lossy_decimal = true;
  DestinationCatalog catalog;
  catalog.columns = {column};
  TestBatch batch({"ratio"});
  batch.add({typed(FieldKind::decimal, "2.3333333333333335")});
  batch.add({typed(FieldKind::decimal, "1.7976931348623157e+308")});
  batch.add({typed(FieldKind::decimal, "2.33333333333333350001")});
  const RecordMapper mapper({}, header({"ratio"}), catalog);
  MappedBatch mapped;
  mapper.map(batch.batch(), mapped);
  EXPECT_EQ(mapped.rows.rows(), 2U);
  ASSERT_EQ(mapped.exceptions.size(), 1U);
  EXPECT_EQ(mapped.exceptions[0].errors.at(0).code, Code::out_of_range);
}

TEST(CatalogSource, KeepsTheFieldsOfARejectedRecordAsJson) {
  JobSpec spec;
  spec.schema.emplace();
  spec.schema->fields = {schema_field("id", ValueType::integer)};
  TestBatch batch({"id", "doc", "gone"});
  batch.add({typed(FieldKind::string, "a\"b"), typed(FieldKind::json, "{\"x\": 1}"), json_null()});
  batch.batch().raw_from_fields = true;
  const RecordMapper mapper(spec, header({"id", "doc", "gone"}), open_catalog());
  MappedBatch mapped;
  mapper.map(batch.batch(), mapped);
  ASSERT_EQ(mapped.exceptions.size(), 1U);
  EXPECT_EQ(mapped.exceptions[0].raw, "{\"id\":\"a\\\"b\",\"doc\":{\"x\": 1},\"gone\":null}");
  EXPECT_EQ(mapped.exceptions[0].byte_length, mapped.exceptions[0].raw.size());
}

}  // namespace
}  // namespace freight::mapping
