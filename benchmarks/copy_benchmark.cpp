// What it costs to encode a batch into the text of COPY, in bytes a second on one core.

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include <benchmark/benchmark.h>

#include "connectors/sql/postgresql/copy_text.hpp"
#include "freight/record.hpp"

namespace {

using freight::OutputBatch;
using freight::ValueType;

/// 10 000 rows of six columns and about 90 bytes.
class People {
 public:
  explicit People(std::string_view city) {
    batch_.columns = {{.name = "id", .type = ValueType::integer, .typed = true},
                      {.name = "name", .type = ValueType::string, .typed = true},
                      {.name = "email", .type = ValueType::string, .typed = true},
                      {.name = "city", .type = ValueType::string, .typed = true},
                      {.name = "amount", .type = ValueType::decimal, .typed = true},
                      {.name = "created_at", .type = ValueType::datetime, .typed = true}};
    for (std::uint64_t row = 0; row < 10'000; ++row) {
      const std::string id = std::to_string(1'000'000 + row);
      batch_.ordinals.push_back(row);
      for (const std::string& text :
           {id, std::string("Ada Lovelace"), "ada." + id + "@example.org", std::string(city),
            std::string("12345.67"), std::string("2024-02-29T12:34:56Z")}) {
        add(text);
      }
    }
  }

  const OutputBatch& batch() const { return batch_; }
  std::int64_t bytes() const { return bytes_; }

 private:
  void add(const std::string& text) {
    const auto& kept = texts_.emplace_back(text);
    freight::Value value;
    value.type = batch_.columns[batch_.values.size() % batch_.columns.size()].type;
    value.data = kept.data();
    value.size = static_cast<std::uint32_t>(kept.size());
    batch_.values.push_back(value);
    bytes_ += static_cast<std::int64_t>(kept.size());
  }

  OutputBatch batch_;
  std::deque<std::string> texts_;
  std::int64_t bytes_ = 0;
};

void encode_copy_text(benchmark::State& state) {
  const People people(state.range(0) == 1 ? "St.\tGallen\\West\n" : "St. Gallen, West");
  freight::sql::CopyText text;
  for (auto _ : state) {
    text.assign(people.batch());
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * people.bytes());
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(people.batch().rows()));
}
BENCHMARK(encode_copy_text)->ArgName("escaped")->Arg(0)->Arg(1);

}  // namespace
