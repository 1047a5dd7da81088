#include "engine/job_runtime.hpp"

#include <utility>

#include "core/hash.hpp"
#include "engine/stored_spec.hpp"

namespace freight::engine {
namespace {

/// Sets a flag for as long as it lives.
class Raised {
 public:
  explicit Raised(std::atomic<bool>& flag) : flag_(flag) { flag_ = true; }
  ~Raised() { flag_ = false; }
  Raised(const Raised&) = delete;
  Raised& operator=(const Raised&) = delete;

 private:
  std::atomic<bool>& flag_;
};

void refuse_other_input(const Job& job, const std::string& fingerprint) {
  if (job.fingerprint.empty() || job.fingerprint == fingerprint) return;
  throw Error(
      Code::source_changed,
      "the source is not the same as when this job was planned; nothing more is read from it",
      {.hint = "put the original input back and retry the job, or submit a new job"});
}

PrepareRequest prepare_request(const JobSpec& spec, const Job& job, const std::string& fingerprint,
                               mapping::TargetColumns target) {
  PrepareRequest request;
  request.columns = std::move(target.columns);
  request.primary_key = std::move(target.primary_key);
  request.required = std::move(target.required);
  if (!fingerprint.empty()) {
    request.load_hash = core::sha256_hex(fingerprint + '\n' + spec.load_identity);
  }
  request.read_only = spec.mode == JobMode::validate;
  request.refuse_reload = spec.rerun == Rerun::refuse && !request.read_only;
  request.completed_batches = job.batches_completed;
  request.rows_written = job.written.inserted + job.written.updated + job.written.unchanged;
  request.started_at = job.started_at;
  return request;
}

}  // namespace

JobRuntime::JobRuntime(TenantId tenant, JobId job, std::shared_ptr<const JobSpec> attached)
    : tenant_id(tenant), job_id(job), spec_(std::move(attached)) {}

const JobConnectors& JobRuntime::connectors(JobStore& store, const ConnectorRegistry& registry,
                                            TaskAttempt& attempt) {
  if (const auto* made = made_connectors()) return *made;
  const std::lock_guard lock(mutex_);
  if (const auto* made = made_connectors()) return *made;

  const Raised raised(being_made_);
  attempt.side = Side::engine;
  const auto job = store.find_job(tenant_id, job_id);
  if (!job) throw Error(Code::not_found, "the job is not in the storage any more");
  if (spec() == nullptr) read_spec(*job, registry);
  connectors_ = make(*job, registry, attempt);
  made_.store(connectors_.get(), std::memory_order_release);
  return *connectors_;
}

void JobRuntime::read_spec(const Job& job, const ConnectorRegistry& registry) {
  spec_ = std::make_shared<const JobSpec>(spec_ ? as_submitted(*spec_, job)
                                                : parse_stored_spec(job, registry));
  policy_.emplace(spec_->retry.backoff);
  known_spec_.store(spec_.get(), std::memory_order_release);
}

std::unique_ptr<const JobConnectors> JobRuntime::make(const Job& job,
                                                      const ConnectorRegistry& registry,
                                                      TaskAttempt& attempt) const {
  auto made = std::make_unique<JobConnectors>();
  attempt.side = Side::source;
  made->source = registry.make_source(*spec_, job_id);
  made->description = made->source->describe(attempt.context);
  made->fingerprint = made->source->fingerprint(attempt.context);
  refuse_other_input(job, made->fingerprint);
  made->input_hash = core::sha256_hex(made->fingerprint);

  attempt.side = Side::mapping;
  auto target = mapping::target_columns(*spec_, made->description);

  attempt.side = Side::destination;
  made->destination = registry.make_destination(*spec_, job_id);
  made->traits = made->destination->traits();
  auto prepared = made->destination->prepare(
      prepare_request(*spec_, job, made->fingerprint, std::move(target)), attempt.context);
  made->preparation_warnings = std::move(prepared.warnings);

  attempt.side = Side::source;
  if (auto fields = mapping::used_fields(*spec_, made->description, prepared.catalog)) {
    made->source->use_fields(std::move(*fields));
    made->description = made->source->describe(attempt.context);
  }

  attempt.side = Side::mapping;
  made->mapper.emplace(*spec_, made->description, prepared.catalog,
                       mapping::JobFacts{.job_id = job_id, .started_at = job.started_at});
  attempt.side = Side::engine;
  return made;
}

const RetryPolicy& JobRuntime::retry_policy(const RetryPolicy* override_policy) const {
  static const ExponentialBackoff of_no_spec;
  if (override_policy != nullptr) return *override_policy;
  return spec() != nullptr ? *policy_ : of_no_spec;
}

}  // namespace freight::engine
