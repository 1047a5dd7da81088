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

std::size_t allocations_for(std::size_t records, const RecordMapper& mapper) {
  TestBatch batch({"id", "name", "amount", "at"});
  for (std::size_t index = 0; index < records; ++index)
    batch.add_bare({std::to_string(index), " anna ", "12.50", "2024-02-29T12:30+01:00"});
  MappedBatch mapped;
  mapper.map(batch.batch(), mapped);
  EXPECT_EQ(mapped.rows.rows(), records);
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

}  // namespace
}  // namespace freight::mapping
