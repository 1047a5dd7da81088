// A program of its own: it counts what operator new is asked for.
#include <atomic>
#include <cstdlib>
#include <new>
#include <string>

#include <gtest/gtest.h>

#include "mapping_support.hpp"

namespace {

std::atomic<std::size_t> allocations{0};

}  // namespace

void* operator new(std::size_t size) {
  ++allocations;
  if (void* const memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace freight::mapping {
namespace {

JobSpec spec_of_every_kind() {
  JobSpec spec;
  spec.schema.emplace();
  spec.schema->fields = {
      schema_field("id", ValueType::integer), schema_field("name", ValueType::string),
      schema_field("amount", ValueType::decimal), schema_field("at", ValueType::datetime)};
  spec.schema->fields[1].constraints.max_length = 10;
  spec.schema->fields[1].constraints.pattern = "^[a-z ]+$";
  spec.schema->fields[2].constraints.minimum = "0.5";
  spec.has_mapping = true;
  spec.mapping = {from("id", "id"), from("name", "name"), from("amount", "amount"),
                  from("at", "at")};
  spec.mapping[1].transforms = {{.kind = TransformKind::trim}, {.kind = TransformKind::upper}};
  spec.mapping[1].has_lookup = true;
  spec.mapping[1].lookup = {{"ANNA", "a name too long to be kept within a string object"}};
  return spec;
}

/// Everything that computes: filter, transforms that make texts, templates, system columns.
JobSpec spec_of_computed_columns() {
  JobSpec spec = spec_of_every_kind();
  FilterSpec dropped{.kind = FilterSpec::Kind::matches, .field = "name", .values = {"^drop"}};
  FilterSpec low{.kind = FilterSpec::Kind::lt, .field = "amount", .values = {"100.5"}};
  FilterSpec early{
      .kind = FilterSpec::Kind::ge, .field = "at", .values = {"2000-01-01 00:00:00+00:00"}};
  spec.filter.emplace();
  spec.filter->operands = {{.kind = FilterSpec::Kind::negation, .operands = {dropped}}, low, early};
  const auto transformed = [&spec](std::string from_field, std::vector<Transform> transforms) {
    spec.mapping.push_back(from("column_" + std::to_string(spec.mapping.size()), from_field));
    spec.mapping.back().transforms = std::move(transforms);
  };
  transformed("name", {{.kind = TransformKind::replace, .argument = "a", .replacement = "aaaaaa"},
                       {.kind = TransformKind::collapse_whitespace},
                       {.kind = TransformKind::pad_left, .argument = "x", .length = 60}});
  transformed("name", {{.kind = TransformKind::hash, .argument = "sha256"},
                       {.kind = TransformKind::substring, .index = 3, .length = 40}});
  transformed("name", {{.kind = TransformKind::split, .argument = "n", .index = -1},
                       {.kind = TransformKind::digits_only},
                       {.kind = TransformKind::nullify_empty}});
  transformed("name", {{.kind = TransformKind::regex_replace,
                        .argument = "n+",
                        .replacement = "a longer text than a string object holds"}});
  transformed("at", {{.kind = TransformKind::format_date, .argument = "%d.%m.%Y %H:%M:%S.%f %z"},
                     {.kind = TransformKind::parse_date, .argument = "%d.%m.%Y %H:%M:%S.%f %z"}});
  MappingEntry text;
  text.to = "text";
  text.text_template = "{id}: {name} has {amount} since {at}";
  MappingEntry first;
  first.to = "first";
  first.coalesce = {"name", "id"};
  MappingEntry ordinal;
  ordinal.to = "ordinal";
  ordinal.system = SystemColumn::ordinal;
  spec.mapping.insert(spec.mapping.end(), {text, first, ordinal});
  return spec;
}

std::size_t allocations_for(std::size_t records, const RecordMapper& mapper,
                            const std::string& name = " anna ") {
  TestBatch batch({"id", "name", "amount", "at"});
  for (std::size_t index = 0; index < records; ++index)
    batch.add_bare({std::to_string(index), name, "12.50", "2024-02-29T12:30+01:00"});
  MappedBatch mapped;
  mapper.map(batch.batch(), mapped);
  EXPECT_EQ(mapped.rows.rows(), name == "drop" ? 0 : records);
  mapped.clear();
  const std::size_t before = allocations;
  mapper.map(batch.batch(), mapped);
  return allocations - before;
}

TEST(Allocations, DoNotGrowWithGoodRecords) {
  DestinationColumn amount = catalog_column("amount", ValueType::decimal);
  amount.precision = 9;
  amount.scale = 2;
  DestinationCatalog catalog;
  catalog.columns = {catalog_column("id", ValueType::integer),
                     catalog_column("name", ValueType::string), amount,
                     catalog_column("at", ValueType::datetime)};
  const RecordMapper mapper(spec_of_every_kind(), header({"id", "name", "amount", "at"}), catalog);
  // What RE2 makes on its first match is behind us.
  allocations_for(10, mapper);
  const std::size_t few = allocations_for(10, mapper);
  const std::size_t many = allocations_for(400, mapper);
  // One block of the arena may come on top.
  EXPECT_LE(many, few + 3);
}

TEST(Allocations, DoNotGrowWithComputedColumns) {
  const RecordMapper mapper(spec_of_computed_columns(), header({"id", "name", "amount", "at"}),
                            open_catalog());
  allocations_for(10, mapper);
  const std::size_t few = allocations_for(10, mapper);
  const std::size_t many = allocations_for(400, mapper);
  // Some blocks of the arena come on top: there are more texts.
  EXPECT_LE(many, few + 8);
}

TEST(Allocations, DoNotGrowWithFilteredRecords) {
  const RecordMapper mapper(spec_of_computed_columns(), header({"id", "name", "amount", "at"}),
                            open_catalog());
  allocations_for(10, mapper, "drop");
  const std::size_t few = allocations_for(10, mapper, "drop");
  const std::size_t many = allocations_for(400, mapper, "drop");
  EXPECT_LE(many, few + 3);
}

}  // namespace
}  // namespace freight::mapping
