#include "engine/job_runtime.hpp"

#include <utility>

#include "engine/job_description.hpp"
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

}  // namespace

JobRuntime::JobRuntime(TenantId tenant, JobId job, std::shared_ptr<const JobSpec> attached)
    : tenant_id(tenant), job_id(job), spec_(std::move(attached)) {}

const JobConnectors& JobRuntime::connectors(const Stores& stores, const ConnectorRegistry& registry,
                                            TaskAttempt& attempt) {
  if (const auto* made = made_connectors()) return *made;
  const std::lock_guard lock(mutex_);
  if (const auto* made = made_connectors()) return *made;

  const Raised raised(being_made_);
  attempt.side = Side::engine;
  auto job = attempt.job ? std::optional(*attempt.job) : stores.jobs.find_job(tenant_id, job_id);
  if (!job) throw Error(Code::not_found, "the job is not in the storage any more");
  if (spec() == nullptr) read_spec(*job, registry);
  connectors_ = make_job_connectors(*spec_, *job, registry, attempt);
  describe_if_needed(stores.work, *job, *spec_, *connectors_, attempt);
  if (job->planned && job->batches_total == 1 && job->batches_completed == 0 &&
      job->batches_failed == 0) {
    job->spec.clear();
    before_only_batch_ = std::move(job);
  }
  made_.store(connectors_.get(), std::memory_order_release);
  return *connectors_;
}

void JobRuntime::read_spec(const Job& job, const ConnectorRegistry& registry) {
  spec_ = std::make_shared<const JobSpec>(spec_ ? as_submitted(*spec_, job)
                                                : parse_stored_spec(job, registry));
  policy_.emplace(spec_->retry.backoff);
  known_spec_.store(spec_.get(), std::memory_order_release);
}

const RetryPolicy& JobRuntime::retry_policy(const RetryPolicy* override_policy) const {
  static const ExponentialBackoff of_no_spec;
  if (override_policy != nullptr) return *override_policy;
  return spec() != nullptr ? *policy_ : of_no_spec;
}

}  // namespace freight::engine
