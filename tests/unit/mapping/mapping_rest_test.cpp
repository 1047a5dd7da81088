// "mapping_rest": "by_name": what becomes of fields that no entry of the mapping names.
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

using Names = std::vector<std::string>;

JobSpec with_rest(std::vector<MappingEntry> entries) {
  JobSpec spec = with_mapping(std::move(entries));
  spec.mapping_rest = MappingRest::by_name;
  return spec;
}

MappingEntry constant(std::string to, std::string text) {
  MappingEntry entry;
  entry.to = std::move(to);
  entry.constant.emplace(std::move(text));
  return entry;
}

DestinationCatalog columns_of(const Names& names) {
  std::vector<DestinationColumn> columns;
  for (const std::string& name : names) columns.push_back(catalog_column(name));
  return catalog_of(std::move(columns));
}

TEST(MappingRest, StaysBehindUnlessItGoesByName) {
  JobSpec spec = with_mapping({from("id", "number")});
  const RecordMapper mapper(spec, header({"number", "name"}), columns_of({"id", "name"}));
  EXPECT_THAT(mapper.unmapped_columns(), ElementsAre("name"));
  EXPECT_THAT(mapper.unfilled_columns(), ElementsAre("name"));
}

TEST(MappingRest, GoesToTheColumnsOfItsNames) {
  MappingEntry full = constant("full", "");
  full.constant.reset();
  full.text_template = "{first} {last}";
  MappingEntry either = constant("either", "");
  either.constant.reset();
  either.coalesce = {"x", "y"};
  JobSpec spec = with_rest({from("id", "number"), full, either});
  spec.filter = FilterSpec{.kind = FilterSpec::Kind::eq, .field = "state", .values = {"on"}};
  const Names fields{"first", "State", "number", "x", "last", "y", "born"};
  TestBatch batch(fields);
  batch.add_bare({"A", "on", "1", "5", "B", "6", "2000"});
  const RecordMapper mapper(spec, header(fields),
                            columns_of({"id", "full", "either", "state", "born", "other"}));
  const MappedBatch mapped = mapped_of(mapper, batch);
  EXPECT_THAT(names(mapped.rows.columns), ElementsAre("id", "full", "either", "state", "born"));
  EXPECT_THAT(row_of(mapped, 0), ElementsAre("1", "A B", "5", "on", "2000"));
  EXPECT_THAT(mapper.unmapped_columns(), IsEmpty());
  EXPECT_THAT(mapper.unfilled_columns(), ElementsAre("other"));
}

TEST(MappingRest, LeavesColumnsThatAnEntryFillsToIt) {
  for (const std::string to : {"id", "ID", " Id "}) {
    TestBatch batch({"id", "name"});
    batch.add_bare({"1", "x"});
    const RecordMapper mapper(with_rest({constant(to, "7")}), header({"id", "name"}),
                              columns_of({"id", "name"}));
    EXPECT_THAT(row_of(mapped_of(mapper, batch), 0), ElementsAre("7", "x"));
    EXPECT_THAT(mapper.unmapped_columns(), ElementsAre("id"));
  }
  JobSpec loose = with_rest({constant("ArtistId", "7")});
  loose.match = NameMatching::loose;
  const RecordMapper mapper(loose, header({"artist-id"}), columns_of({"artist_id"}));
  EXPECT_THAT(mapper.unmapped_columns(), ElementsAre("artist-id"));
}

TEST(MappingRest, WithoutAColumnIsRefusedAsWithoutAMapping) {
  EXPECT_THAT(error_of([] {
                RecordMapper(with_rest({from("id", "id")}), header({"id", "emial"}),
                             columns_of({"id", "email"}));
              }),
              AllOf(HasSubstr("unknown_column"), HasSubstr("\"emial\"; did you mean \"email\"")));
}

TEST(MappingRest, IsOfTheSchemaWhereThereIsOne) {
  JobSpec spec = with_rest({from("id", "number")});
  spec.schema.emplace();
  spec.schema->fields = {schema_field("number", ValueType::integer),
                         schema_field("age", ValueType::integer)};
  const Names fields{"number", "AGE", "beyond"};
  TestBatch batch(fields);
  batch.add_bare({"1", "x", "z"}).add_bare({"2", "30", "z"});
  const RecordMapper mapper(spec, header(fields), columns_of({"id", "age"}));
  const MappedBatch mapped = mapped_of(mapper, batch);
  ASSERT_EQ(mapped.rows.rows(), 1U) << "the type of a field of the rest is its schema's";
  EXPECT_THAT(row_of(mapped, 0), ElementsAre("2", "30"));
  EXPECT_THAT(mapper.unmapped_columns(), ElementsAre("beyond"));
}

TEST(MappingRest, IsPartOfTheTableThatIsMade) {
  JobSpec spec = with_rest({from("id", "number")});
  EXPECT_THAT(names(target_columns(spec, header({"name", "number", "born"})).columns),
              ElementsAre("id", "name", "born"));
}

TEST(MappingRest, OfACopiedTableLeavesOutWhatTheDestinationComputes) {
  DestinationColumn total = catalog_column("total");
  total.generated = true;
  const DestinationCatalog catalog = catalog_of({catalog_column("id"), total});
  JobSpec spec = with_rest({from("id", "number")});
  spec.source = SqlSourceSpec{.table = "t"};
  EXPECT_TRUE(target_columns(spec, header({"number", "total"})).leave_out_generated);
  const RecordMapper mapper(spec, header({"number", "total"}), catalog);
  TestBatch batch({"number", "total"});
  batch.add_bare({"1", "9"});
  EXPECT_THAT(names(mapped_of(mapper, batch).rows.columns), ElementsAre("id"));
  spec.mapping.push_back(from("total", "total"));
  EXPECT_THAT(error_of([&] {
                RecordMapper(spec, header({"number", "total"}), catalog);
              }),
              HasSubstr("computes the column"));
}

TEST(MappingRest, OfRecordsOwnKeysAreRejectedWithoutAColumn) {
  SourceDescription source = header({"number", "name", "beyond", "id"});
  source.open_fields = true;
  JobSpec spec = with_rest({from("id", "number")});
  const auto used = used_fields(spec, source, columns_of({"id", "name", "more"}));
  EXPECT_EQ(used, (Names{"number", "id", "name", "more"}));
  source.fields = *used;
  TestBatch batch(source.fields);
  batch.add({bare("1"), absent(), bare("x"), absent()});
  batch.add({bare("2"), absent(), bare("y"), absent()}).with_extra_field("beyond");
  batch.add({bare("3"), bare("9"), bare("z"), absent()});
  const RecordMapper mapper(spec, source, columns_of({"id", "name", "more"}));
  const MappedBatch mapped = mapped_of(mapper, batch);
  ASSERT_EQ(mapped.rows.rows(), 2U);
  EXPECT_THAT(row_of(mapped, 1), ElementsAre("3", "z", std::nullopt));
  ASSERT_EQ(mapped.exceptions.size(), 1U);
  EXPECT_EQ(mapped.exceptions[0].errors[0].code, Code::unknown_column);
}

TEST(MappingRest, OfRecordsOwnKeysGoesOverWholeIntoWhatTakesAny) {
  SourceDescription source = header({"a", "b"});
  source.open_fields = true;
  EXPECT_EQ(used_fields(with_rest({from("x", "c")}), source, open_catalog()),
            (Names{"c", "a", "b"}));
}

}  // namespace
}  // namespace freight::mapping
