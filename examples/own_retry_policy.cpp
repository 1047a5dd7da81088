// A retry policy of one's own: waits as long as the other side asks for, else one second a time,
// and after the third answer gives up the records of the batch and not the job. The destination
// refuses the first two writes, as a service does that is short of breath.
//
//   own_retry_policy

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>

#include <freight/freight.hpp>

namespace {

using std::chrono::milliseconds;

class Patient final : public freight::RetryPolicy {
 public:
  freight::RetryDecision decide(const freight::Failure& failure,
                                const freight::AttemptInfo& info) const override {
    constexpr std::uint32_t last_attempt = 3;
    if (info.attempt >= last_attempt) return freight::Reject{};
    const milliseconds wait = failure.details.retry_after.value_or(milliseconds(1000));
    return freight::RetryAt{info.now + std::max(wait, milliseconds(1))};
  }
};

/// Says "too many requests" twice before it takes anything.
class BusyDestination final : public freight::Destination {
 public:
  freight::DestinationTraits traits() const override { return {}; }
  freight::PrepareResult prepare(const freight::PrepareRequest&,
                                 freight::ConnectorContext&) override {
    freight::PrepareResult result;
    result.catalog.open_columns = true;
    return result;
  }
  freight::WriteResult write(const freight::WriteRequest& request,
                             freight::ConnectorContext& context) override {
    std::printf("attempt %u\n", context.attempt);
    if (++calls_ <= 2) {
      throw freight::Error(freight::Code::destination_failed, freight::Category::throttled,
                           "too many requests", {.retry_after = milliseconds(50)});
    }
    freight::WriteResult result;
    result.inserted = request.rows.rows();
    return result;
  }
  std::optional<std::uint64_t> count(bool, freight::ConnectorContext&) override { return {}; }
  std::optional<std::uint64_t> ledger_rows(freight::ConnectorContext&) override { return {}; }
  freight::FinishResult finish(freight::ConnectorContext&) override { return {}; }
  void abandon(freight::ConnectorContext&) override {}

 private:
  std::atomic<int> calls_ = 0;
};

freight::Job run() {
  auto connectors = freight::default_connectors();
  connectors.add_destination(
      "busy", [](const freight::ConnectorRequest&) { return std::make_unique<BusyDestination>(); });
  const auto storage = freight::open_storage("sqlite:own_retry_policy.db");
  freight::EngineOptions engine_options;
  engine_options.retry_policy = std::make_shared<Patient>();
  const auto engine = freight::make_job_engine(*storage, connectors, std::move(engine_options));
  const auto tenant = storage->tenants().find_or_create("default");
  freight::SpecOptions options;
  options.custom_destinations = connectors.destination_types();
  const auto spec = freight::parse_job_spec(
      R"({"source": {"type": "inline", "records": [{"id": 1}, {"id": 2}]},
          "destination": {"type": "busy"}, "rerun": "allow"})",
      options);
  engine->start();
  return engine->wait(tenant.id, engine->submit(tenant.id, spec.value()));
}

}  // namespace

int main() {
  try {
    const freight::Job job = run();
    std::printf("%s after %llu attempts: succeeded %llu\n",
                std::string(to_string(job.status)).c_str(),
                static_cast<unsigned long long>(job.batch_attempts),
                static_cast<unsigned long long>(job.records.succeeded));
    if (job.error) std::fprintf(stderr, "%s\n", job.error->message.c_str());
    return job.status == freight::JobStatus::completed ? 0 : 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
