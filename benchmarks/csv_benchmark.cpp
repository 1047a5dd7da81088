// How fast a CSV file is cut into batches (plan) and read into fields (read), in bytes a second on
// one core; the file is in the page cache.

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <string_view>

#include <benchmark/benchmark.h>

#include "connectors/csv/csv_source.hpp"

namespace {

using freight::BatchRange;
using freight::ConnectorContext;
using freight::CsvSourceSpec;
using freight::JobSpec;
using freight::PlanChunk;
using freight::PlanLimits;
using freight::RecordBatch;

/// What the records look like: all have ten columns and about 100 bytes, but for `short`.
enum class Shape { plain, quoted, utf8, escaped, small };

std::string record_of(Shape shape, unsigned number) {
  const std::string id = std::to_string(1'000'000 + number);
  switch (shape) {
    case Shape::plain:
      return id + ",Ada,Lovelace,ada." + id +
             "@example.com,1815-12-10,12345.67,true,London,W1,A remark of some length\n";
    case Shape::quoted:
      return "\"" + id + "\",\"Ada\",\"Lovelace\",\"ada." + id +
             "@example.com\",\"1815-12-10\",\"12345.67\",\"true\",\"London\",\"W1\",\"A remark, "
             "quoted\"\n";
    case Shape::utf8:
      return id + ",Zo\xC3\xAB,M\xC3\xBCller,zoe." + id +
             "@example.com,1815-12-10,12345.67,true,Z\xC3\xBCrich,8001,Ein Text \xE2\x82\xAC\n";
    case Shape::escaped:
      return id + ",Ada,\"Lady \"\"L\"\"\",ada." + id +
             "@example.com,1815-12-10,12345.67,true,London,W1,\"A \"\"remark\"\"\"\n";
    case Shape::small:
      return id + ",1,2\n";
  }
  return {};
}

/// A file of 64 MiB in the system's folder for temporary files, made once and removed at the end.
class Input {
 public:
  explicit Input(Shape shape) {
    path_ = std::filesystem::temp_directory_path() /
            ("freight-bench-" + std::to_string(::getpid()) + "-" +
             std::to_string(static_cast<int>(shape)) + ".csv");
    std::ofstream file(path_, std::ios::binary);
    std::string text = shape == Shape::small ? "a,b,c\n" : "a,b,c,d,e,f,g,h,i,j\n";
    for (unsigned number = 0; size_ < 64 * 1024 * 1024; ++number) {
      text += record_of(shape, number);
      if (text.size() < 1024 * 1024) continue;
      file << text;
      size_ += text.size();
      text.clear();
    }
    file.close();
    if (!file) {
      std::fprintf(stderr, "cannot write %s\n", path_.c_str());
      std::exit(1);
    }
  }
  ~Input() {
    std::error_code ignored;  // Nothing is to be done about a file that stays.
    std::filesystem::remove(path_, ignored);
  }
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;

  std::int64_t size() const { return static_cast<std::int64_t>(size_); }
  std::unique_ptr<freight::Source> make_source() const {
    JobSpec spec;
    spec.source = CsvSourceSpec{.path = path_};
    return freight::connectors::make_csv_source({.spec = spec},
                                                std::make_shared<freight::spool::Spool>(""));
  }

 private:
  std::filesystem::path path_;
  std::uint64_t size_ = 0;
};

const Input& input_of(Shape shape) {
  static std::map<Shape, Input> inputs;
  return inputs.try_emplace(shape, shape).first->second;
}

std::vector<BatchRange> plan_all(freight::Source& source) {
  ConnectorContext context;
  std::vector<BatchRange> ranges;
  std::string position;
  bool is_done = false;
  while (!is_done) {
    PlanChunk chunk = source.plan(position, PlanLimits{}, context);
    ranges.insert(ranges.end(), chunk.ranges.begin(), chunk.ranges.end());
    position = chunk.position;
    is_done = chunk.done;
  }
  return ranges;
}

void plan(benchmark::State& state, Shape shape) {
  const Input& input = input_of(shape);
  const auto source = input.make_source();
  for (auto _ : state) benchmark::DoNotOptimize(plan_all(*source));
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * input.size());
}

void read(benchmark::State& state, Shape shape) {
  const Input& input = input_of(shape);
  const auto source = input.make_source();
  const auto ranges = plan_all(*source);
  ConnectorContext context;
  RecordBatch batch;
  std::int64_t records = 0;
  for (auto _ : state) {
    for (const BatchRange& range : ranges) {
      batch.clear();
      source->read(range, batch, context);
      records += static_cast<std::int64_t>(batch.records.size());
    }
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * input.size());
  state.SetItemsProcessed(records);
}

BENCHMARK_CAPTURE(plan, plain, Shape::plain)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(plan, quoted, Shape::quoted)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(plan, utf8, Shape::utf8)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(plan, escaped, Shape::escaped)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(plan, small, Shape::small)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(read, plain, Shape::plain)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(read, quoted, Shape::quoted)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(read, utf8, Shape::utf8)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(read, escaped, Shape::escaped)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(read, small, Shape::small)->Unit(benchmark::kMillisecond);

}  // namespace
