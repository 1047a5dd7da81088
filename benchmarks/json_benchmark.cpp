// What it costs to read the JSON objects of a JSONL file into fields, in bytes a second on one
// core.

#include <string>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

#include "connectors/json/object_reader.hpp"

namespace {

std::vector<std::string> records(bool escaped) {
  std::vector<std::string> found;
  for (int number = 0; number < 10'000; ++number) {
    const std::string id = std::to_string(1'000'000 + number);
    std::string record = R"({"id": )";
    record.append(id).append(R"(, "name": "Ada Lovelace", "email": "ada.)").append(id);
    record.append(R"(@example.org", "city": ")");
    record.append(escaped ? R"(Z\u00fcrich \"West\")" : "Geneva");
    record.append(R"(", "amount": 12345.67, "active": true, "note": null})");
    found.push_back(std::move(record));
  }
  return found;
}

void read_objects(benchmark::State& state) {
  const auto texts = records(state.range(0) == 1);
  freight::json::ObjectReader reader;
  freight::TextArena arena;
  std::int64_t bytes = 0;
  for (auto _ : state) {
    arena.clear();
    for (const auto& text : texts) {
      if (reader.read(text, arena)) state.SkipWithError("a record was not read");
      benchmark::DoNotOptimize(reader.members().size());
      bytes += static_cast<std::int64_t>(text.size());
    }
  }
  state.SetBytesProcessed(bytes);
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(texts.size()));
}
BENCHMARK(read_objects)->ArgName("escaped")->Arg(0)->Arg(1);

}  // namespace
