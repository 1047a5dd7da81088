// The way of records through RecordMapper::map: what it costs beside reading and writing.
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <benchmark/benchmark.h>

#include "freight/destination.hpp"
#include "freight/job_spec.hpp"
#include "freight/record.hpp"
#include "freight/source.hpp"
#include "mapping/record_mapper.hpp"

namespace freight::mapping {
namespace {

constexpr std::size_t records_a_batch = 10'000;

const std::vector<std::string> fields{"id", "name", "email", "amount", "created_at", "visits"};

/// A batch of customers as the CSV source leaves it: slices of one buffer.
class CustomerBatch {
 public:
  CustomerBatch() {
    std::vector<std::size_t> ends;
    for (std::size_t index = 0; index < records_a_batch; ++index) add(index, ends);
    batch_.layout = std::make_shared<const std::vector<std::string>>(fields);
    std::size_t begin = 0;
    for (std::size_t index = 0; index < ends.size(); ++index) {
      batch_.fields.push_back({batch_.buffer.data() + begin,
                               static_cast<std::uint32_t>(ends[index] - begin),
                               FieldKind::unquoted});
      begin = ends[index] + 1;
    }
    for (std::size_t index = 0; index < records_a_batch; ++index) {
      SourceRecord record;
      record.ordinal = index;
      batch_.records.push_back(record);
    }
  }

  RecordBatch& batch() { return batch_; }
  std::size_t bytes() const { return batch_.buffer.size(); }

 private:
  void add(std::size_t index, std::vector<std::size_t>& ends) {
    const auto number = static_cast<unsigned>(index * 2'654'435'761U);
    const std::string id = std::to_string(10'000'000 + index);
    char amount[32];
    std::snprintf(amount, sizeof amount, "%u.%02u", number % 100'000, number % 97);
    char created[40];
    std::snprintf(created, sizeof created, "20%02u-%02u-%02uT%02u:%02u:%02uZ", number % 30,
                  1 + number % 12, 1 + number % 28, number % 24, number % 60, number % 59);
    for (const std::string_view text :
         {std::string_view(id), std::string_view("Anna Maria M\xC3\xBCller"),
          std::string_view("anna.mueller@example.com"), std::string_view(amount),
          std::string_view(created), std::string_view("42")}) {
      batch_.buffer.insert(batch_.buffer.end(), text.begin(), text.end());
      ends.push_back(batch_.buffer.size());
      batch_.buffer.push_back(',');
    }
  }

  RecordBatch batch_;
};

SchemaField field(std::string name, ValueType type) {
  SchemaField result;
  result.name = std::move(name);
  result.type = type;
  return result;
}

JobSpec customer_spec() {
  JobSpec spec;
  spec.schema.emplace();
  spec.schema->fields = {
      field("id", ValueType::integer),          field("name", ValueType::string),
      field("email", ValueType::string),        field("amount", ValueType::decimal),
      field("created_at", ValueType::datetime), field("visits", ValueType::integer)};
  spec.schema->fields[0].constraints.required = true;
  spec.schema->fields[1].constraints.max_length = 200;
  spec.schema->fields[2].constraints.max_length = 254;
  spec.schema->fields[5].constraints.minimum = "0";
  return spec;
}

DestinationColumn column(std::string name, ValueType type) {
  DestinationColumn result;
  result.name = std::move(name);
  result.type = type;
  return result;
}

DestinationCatalog customer_catalog() {
  DestinationCatalog catalog;
  catalog.columns = {
      column("id", ValueType::integer),          column("name", ValueType::string),
      column("email", ValueType::string),        column("amount", ValueType::decimal),
      column("created_at", ValueType::datetime), column("visits", ValueType::integer)};
  catalog.columns[0].not_null = true;
  catalog.columns[1].max_length = 200;
  catalog.columns[3].precision = 12;
  catalog.columns[3].scale = 2;
  catalog.columns[5].integer_bits = 32;
  return catalog;
}

void run(benchmark::State& state, const JobSpec& spec, const DestinationCatalog& catalog) {
  CustomerBatch customers;
  SourceDescription source;
  source.fields = fields;
  const RecordMapper mapper(spec, source, catalog);
  MappedBatch mapped;
  for (auto _ : state) {
    customers.batch().arena.clear();
    mapped.clear();
    mapper.map(customers.batch(), mapped);
    benchmark::DoNotOptimize(mapped.rows.values.data());
  }
  if (mapped.rows.rows() != records_a_batch) state.SkipWithError("records were rejected");
  const auto batches = static_cast<std::int64_t>(state.iterations());
  state.SetItemsProcessed(batches * static_cast<std::int64_t>(records_a_batch));
  state.SetBytesProcessed(batches * static_cast<std::int64_t>(customers.bytes()));
}

/// Integers, text, a decimal and a datetime with simple constraints, into a typed table.
void typed(benchmark::State& state) { run(state, customer_spec(), customer_catalog()); }
BENCHMARK(typed);

/// The same with an e-mail pattern.
void typed_with_pattern(benchmark::State& state) {
  JobSpec spec = customer_spec();
  spec.schema->fields[2].constraints.pattern = "^[^@]+@[^@]+$";
  run(state, spec, customer_catalog());
}
BENCHMARK(typed_with_pattern);

/// No schema: text that the destination's catalog types.
void untyped(benchmark::State& state) { run(state, {}, customer_catalog()); }
BENCHMARK(untyped);

/// A mapping with transforms, a lookup and a constant.
void mapped(benchmark::State& state) {
  JobSpec spec = customer_spec();
  spec.has_mapping = true;
  for (const std::string& name : fields) {
    MappingEntry entry;
    entry.to = name;
    entry.from = name;
    spec.mapping.push_back(std::move(entry));
  }
  spec.mapping[1].transforms = {{.kind = TransformKind::trim}, {.kind = TransformKind::upper}};
  spec.mapping[2].transforms = {{.kind = TransformKind::trim}, {.kind = TransformKind::lower}};
  spec.mapping[5].has_lookup = true;
  spec.mapping[5].lookup = {{"42", "1"}, {"43", "2"}};
  run(state, spec, customer_catalog());
}
BENCHMARK(mapped);

}  // namespace
}  // namespace freight::mapping
