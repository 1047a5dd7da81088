// Jobs of one record, as a job queue would run them. script/bench measures it beside job queues.
//
//   bench_queue drain STORAGE COUNT    submits COUNT jobs, then works them off
//   bench_queue start STORAGE COUNT    one job at a time, by an engine that is idle
//   bench_queue retry STORAGE COUNT    one job at a time, the first attempt of which fails
//   bench_queue claim STORAGE COUNT    claims of four batches, COUNT of which are ready
//   bench_queue fate STORAGE COUNT     what became of COUNT records of the only job there
//
// STORAGE is the URL of an empty database, but for the last. One JSON object goes to stdout: jobs
// per second, or percentiles in milliseconds.

#include <algorithm>
#include <charconv>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "freight/freight.hpp"

namespace {

using namespace freight;
using std::chrono::milliseconds;
using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t jobs_together = 500;
constexpr milliseconds retry_delay{100};

double milliseconds_between(SteadyClock::time_point from, SteadyClock::time_point to) {
  return std::chrono::duration<double, std::milli>(to - from).count();
}

/// Counts the jobs that completed.
class Completions final : public EventSink {
 public:
  void event(const Event& event) noexcept override {
    if (event.type != EventType::state) return;
    if (event.data.find("\"completed\"") == std::string::npos) return;
    const std::lock_guard lock(mutex_);
    ++count_;
    changed_.notify_all();
  }

  void wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return count_ >= count; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t count_ = 0;
};

/// When batches arrived at the destination.
class Arrivals {
 public:
  /// The number of the arrival, from 1 on.
  std::size_t add() {
    const std::lock_guard lock(mutex_);
    times_.push_back(SteadyClock::now());
    changed_.notify_all();
    return times_.size();
  }

  SteadyClock::time_point wait_for(std::size_t number) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return times_.size() >= number; });
    return times_[number - 1];
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<SteadyClock::time_point> times_;
};

/// Takes everything, and notes when; with `refuses` every other write fails, the first to begin
/// with.
class NotingDestination final : public Destination {
 public:
  NotingDestination(Arrivals& arrivals, bool refuses) : arrivals_(arrivals), refuses_(refuses) {}

  DestinationTraits traits() const override { return {.delivery = Delivery::idempotency_key}; }
  PrepareResult prepare(const PrepareRequest&, ConnectorContext&) override {
    PrepareResult result;
    result.catalog.open_columns = true;
    return result;
  }
  WriteResult write(const WriteRequest& request, ConnectorContext&) override {
    if (arrivals_.add() % 2 == 1 && refuses_) {
      throw Error(Code::destination_failed, Category::throttled, "not yet",
                  {.retry_after = retry_delay});
    }
    WriteResult result;
    result.inserted = request.rows.rows();
    return result;
  }
  std::optional<std::uint64_t> count(bool, ConnectorContext&) override { return {}; }
  std::optional<std::uint64_t> ledger_rows(ConnectorContext&) override { return {}; }
  FinishResult finish(ConnectorContext&) override { return {}; }
  void abandon(ConnectorContext&) override {}

 private:
  Arrivals& arrivals_;
  bool refuses_;
};

JobSpec job(std::size_t number, const std::string& destination, const ConnectorRegistry& registry) {
  SpecOptions options;
  options.custom_destinations = registry.destination_types();
  return parse_job_spec(R"({"source": {"type": "inline", "records": [{"id": )" +
                            std::to_string(number) + R"(}]}, "destination": {"type": ")" +
                            destination + R"("}, "rerun": "allow"})",
                        options)
      .value();
}

void drain(Storage& storage, TenantId tenant, std::size_t count) {
  Completions completions;
  EngineOptions options;
  options.events = &completions;
  const auto registry = default_connectors();
  const auto engine = make_job_engine(storage, registry, std::move(options));
  std::vector<JobSpec> specs;
  for (std::size_t number = 0; number < jobs_together; ++number) {
    specs.push_back(job(number, "null", registry));
  }
  const auto begin = SteadyClock::now();
  for (std::size_t submitted = 0; submitted < count; submitted += jobs_together) {
    engine->submit_many(tenant, std::span(specs).first(std::min(jobs_together, count - submitted)));
  }
  const auto submitted = SteadyClock::now();
  engine->start();
  completions.wait_for(count);
  const auto done = SteadyClock::now();
  engine->stop();
  const double jobs = 1000.0 * static_cast<double>(count);
  std::printf("{\"submit_per_second\": %.1f, \"drain_per_second\": %.1f}\n",
              jobs / milliseconds_between(begin, submitted),
              jobs / milliseconds_between(submitted, done));
}

/// Milliseconds from the submission, or from the due time of the second attempt, to the write.
std::vector<double> delays(Storage& storage, TenantId tenant, std::size_t count, bool retries) {
  Arrivals arrivals;
  auto registry = default_connectors();
  registry.add_destination("noting", [&](const ConnectorRequest&) {
    return std::make_unique<NotingDestination>(arrivals, retries);
  });
  const auto engine = make_job_engine(storage, registry);
  engine->start();
  std::vector<double> found;
  for (std::size_t number = 0; number < count; ++number) {
    const auto spec = job(number, "noting", registry);
    const auto submitted = SteadyClock::now();
    const auto id = engine->submit(tenant, spec);
    if (retries) {
      const auto due = arrivals.wait_for(2 * number + 1) + retry_delay;
      found.push_back(milliseconds_between(due, arrivals.wait_for(2 * number + 2)));
    } else {
      found.push_back(milliseconds_between(submitted, arrivals.wait_for(number + 1)));
    }
    if (engine->wait(tenant, id).status != JobStatus::completed) {
      throw std::runtime_error("a job did not complete");
    }
  }
  engine->stop();
  return found;
}

void print_percentiles(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const auto at = [&](double share) {
    return values[std::min(values.size() - 1,
                           static_cast<std::size_t>(share * static_cast<double>(values.size())))];
  };
  std::printf("{\"p50\": %.3f, \"p99\": %.3f}\n", at(0.5), at(0.99));
}

/// Jobs of 10 000 ready batches each; the last may have fewer.
void queue_batches(Storage& storage, TenantId tenant, NodeId node, std::size_t count) {
  constexpr std::size_t batches_of_job = 10'000;
  for (std::size_t queued = 0; queued < count; queued += batches_of_job) {
    storage.jobs().submit(JobId::generate(),
                          {.tenant_id = tenant, .spec = "{}", .identity = "bench"});
    const auto plan = storage.work().claim({.node_id = node, .max_other = 1}).at(0);
    PlanReport report;
    report.token = plan.token;
    report.tenant_id = tenant;
    report.job_id = plan.job_id;
    report.position = "end";
    report.done = true;
    for (std::uint64_t batch = 0; batch < std::min(batches_of_job, count - queued); ++batch) {
      report.ranges.push_back({.first_ordinal = batch, .records = 1, .first_line = batch + 2});
    }
    storage.work().append_plan(report);
  }
}

/// Milliseconds of a claim.
std::vector<double> claims(Storage& storage, TenantId tenant, std::size_t count) {
  constexpr int claims = 200;
  const NodeId node = NodeId::generate();
  auto& store = storage.work();
  store.register_node({.id = node, .host = "bench", .process_id = 1, .workers = 4});
  queue_batches(storage, tenant, node, count);
  std::vector<double> found;
  for (int number = 0; number < claims; ++number) {
    const auto begin = SteadyClock::now();
    if (store.claim({.node_id = node, .max_execute = 4}).size() != 4) {
      throw std::runtime_error("too few batches are ready");
    }
    found.push_back(milliseconds_between(begin, SteadyClock::now()));
  }
  store.remove_node(node);
  return found;
}

/// Milliseconds from the question to the answer, of records all over the job that freightd has run.
std::vector<double> fates(Storage& storage, std::size_t count) {
  const auto tenant = storage.tenants().find_or_create("default").id;
  const auto job = storage.jobs().list_jobs(tenant, {}).jobs.at(0);
  std::mt19937_64 generator(20261126);
  std::uniform_int_distribution<std::uint64_t> ordinals(0, job.records.read - 1);
  std::vector<double> found;
  for (std::size_t number = 0; number < count; ++number) {
    const auto ordinal = ordinals(generator);
    const auto asked = SteadyClock::now();
    if (!storage.jobs().find_record(tenant, job.id, ordinal)) {
      throw std::runtime_error("a record has no outcome");
    }
    found.push_back(milliseconds_between(asked, SteadyClock::now()));
  }
  return found;
}

int run(std::string_view what, const std::string& url, std::size_t count) {
  const auto storage = open_storage(url);
  if (what == "fate") {
    print_percentiles(fates(*storage, count));
    return 0;
  }
  const auto tenant = storage->tenants().find_or_create("benchmark").id;
  if (what == "drain") {
    drain(*storage, tenant, count);
  } else if (what == "claim") {
    print_percentiles(claims(*storage, tenant, count));
  } else if (what == "start" || what == "retry") {
    print_percentiles(delays(*storage, tenant, count, what == "retry"));
  } else {
    std::fprintf(stderr, "bench_queue: unknown measure\n");
    return 2;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t count = 0;
  if (argc == 4) {
    const std::string_view text = argv[3];
    std::from_chars(text.data(), text.data() + text.size(), count);
  }
  if (count == 0) {
    std::fprintf(stderr, "usage: bench_queue drain|start|retry|claim|fate STORAGE COUNT\n");
    return 2;
  }
  try {
    return run(argv[1], argv[2], count);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_queue: %s\n", error.what());
    return 1;
  }
}
