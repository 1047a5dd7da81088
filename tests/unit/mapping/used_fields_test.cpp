#include <gtest/gtest.h>

#include "mapping/record_mapper.hpp"

namespace freight::mapping::used_fields_test {
namespace {

using Names = std::vector<std::string>;

DestinationCatalog table(const Names& names) {
  DestinationCatalog catalog;
  for (const auto& name : names) {
    catalog.columns.emplace_back();
    catalog.columns.back().name = name;
  }
  return catalog;
}

SourceDescription open_source(Names fields = {}) {
  SourceDescription source;
  source.fields = std::move(fields);
  source.open_fields = true;
  return source;
}

TEST(UsedFields, OfASourceWithAHeaderAreItsOwn) {
  SourceDescription source;
  source.fields = {"a"};
  EXPECT_EQ(used_fields({}, source, table({"a", "b"})), std::nullopt);
}

TEST(UsedFields, WithoutSchemaAndMappingAreTheColumns) {
  EXPECT_EQ(used_fields({}, open_source(), table({"a", "b"})), (Names{"a", "b"}));
  DestinationCatalog open;
  open.open_columns = true;
  EXPECT_EQ(used_fields({}, open_source({"x"}), open), std::nullopt) << "as the source has them";
}

TEST(UsedFields, LeaveColumnsThatFillThemselvesAloneUnlessTheSourceHasThem) {
  auto catalog = table({"id", "made_at", "total"});
  catalog.columns[1].has_default = true;
  catalog.columns[2].generated = true;
  EXPECT_EQ(used_fields({}, open_source({"id"}), catalog), (Names{"id"}));
  EXPECT_EQ(used_fields({}, open_source({"id", "made_at"}), catalog), (Names{"id", "made_at"}));
  EXPECT_EQ(used_fields({}, open_source(), catalog), (Names{"id", "made_at"}))
      << "nothing is known of the source";
}

TEST(UsedFields, AreThoseThatSchemaMappingAndFilterNameOnceEach) {
  JobSpec spec;
  spec.schema.emplace();
  spec.schema->fields.emplace_back();
  spec.schema->fields.back().name = "s";
  spec.has_mapping = true;
  spec.mapping.resize(4);
  spec.mapping[0].from = "m";
  spec.mapping[1].text_template = "{{{t} and {u}}} {m}";
  spec.mapping[2].coalesce = {"c", "s"};
  spec.mapping[3].system = SystemColumn::ordinal;
  spec.filter.emplace();
  spec.filter->kind = FilterSpec::Kind::negation;
  spec.filter->operands.push_back({.kind = FilterSpec::Kind::eq, .field = "f", .values = {"1"}});
  EXPECT_EQ(used_fields(spec, open_source({"other"}), table({"a"})),
            (Names{"s", "m", "t", "u", "c", "f"}));
}

}  // namespace
}  // namespace freight::mapping::used_fields_test
