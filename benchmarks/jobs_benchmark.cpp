// Small jobs: how fast they are taken in, and how fast they are worked off. One record each, into
// the destination `null`, so that what is measured is the storage and the engine.
//
// FREIGHT_BENCH_STORAGE names the storage (a postgresql:// URL of an empty database); without it a
// new SQLite file.

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "freight/freight.hpp"

namespace {

using namespace freight;

constexpr int jobs_together = 500;

/// A storage that is gone with the object, when it is a file.
class BenchmarkStorage {
 public:
  BenchmarkStorage() {
    const char* url = std::getenv("FREIGHT_BENCH_STORAGE");
    if (url == nullptr) {
      folder_ =
          std::filesystem::temp_directory_path() / ("freight-bench-" + std::to_string(::getpid()));
      std::filesystem::remove_all(folder_);
      std::filesystem::create_directory(folder_);
    }
    storage_ = open_storage(url != nullptr ? url : "sqlite:" + (folder_ / "freight.db").string());
    tenant_ = storage_->tenants().find_or_create("benchmark").id;
  }
  ~BenchmarkStorage() {
    storage_.reset();
    if (!folder_.empty()) std::filesystem::remove_all(folder_);
  }
  BenchmarkStorage(const BenchmarkStorage&) = delete;
  BenchmarkStorage& operator=(const BenchmarkStorage&) = delete;

  Storage& operator*() { return *storage_; }
  Storage* operator->() { return storage_.get(); }
  TenantId tenant() const { return tenant_; }

 private:
  std::filesystem::path folder_;
  std::unique_ptr<Storage> storage_;
  TenantId tenant_;
};

std::vector<JobSpec> small_jobs() {
  std::vector<JobSpec> specs;
  for (int job = 0; job < jobs_together; ++job) {
    specs.push_back(parse_job_spec(R"({"source": {"type": "inline", "records": [{"id": )" +
                                   std::to_string(job) + R"(}]}, "destination": {"type": "null"}})")
                        .value());
  }
  return specs;
}

void submit_small_jobs(benchmark::State& state) {
  BenchmarkStorage storage;
  const auto engine = make_job_engine(*storage, default_connectors());
  const auto specs = small_jobs();
  for (auto _ : state) engine->submit_many(storage.tenant(), specs);
  state.SetItemsProcessed(state.iterations() * jobs_together);
}

void submit_one_job(benchmark::State& state) {
  BenchmarkStorage storage;
  const auto engine = make_job_engine(*storage, default_connectors());
  const auto specs = small_jobs();
  for (auto _ : state) engine->submit(storage.tenant(), specs.front());
  state.SetItemsProcessed(state.iterations());
}

// Submits all, then works them off; only the second is measured.
void drain_small_jobs(benchmark::State& state) {
  const auto chunks = state.range(0);
  for (auto _ : state) {
    state.PauseTiming();
    BenchmarkStorage storage;
    const auto engine = make_job_engine(*storage, default_connectors());
    const auto specs = small_jobs();
    std::vector<JobId> ids;
    for (std::int64_t chunk = 0; chunk < chunks; ++chunk) {
      for (const auto id : engine->submit_many(storage.tenant(), specs)) ids.push_back(id);
    }
    state.ResumeTiming();
    engine->start();
    for (const auto id : ids) {
      if (engine->wait(storage.tenant(), id).status != JobStatus::completed) {
        state.SkipWithError("a job did not complete");
      }
    }
    state.PauseTiming();
    engine->stop();
    state.ResumeTiming();
  }
  state.SetItemsProcessed(state.iterations() * chunks * jobs_together);
}

BENCHMARK(submit_small_jobs)->Unit(benchmark::kMillisecond);
BENCHMARK(submit_one_job)->Unit(benchmark::kMicrosecond);
BENCHMARK(drain_small_jobs)->Arg(10)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(1);

}  // namespace
