#include "engine/engine.hpp"

#include <unistd.h>

#include <algorithm>
#include <thread>
#include <utility>

#include "core/fault_point.hpp"
#include "engine/stored_spec.hpp"
#include "engine/submission.hpp"

namespace freight::engine {
namespace {

EngineOptions completed(EngineOptions options) {
  if (options.workers == 0) options.workers = std::max(1U, std::thread::hardware_concurrency());
  return options;
}

[[noreturn]] void rethrow(const Failure& failure) {
  throw Error(failure.code, failure.category, failure.message, failure.details);
}

}  // namespace

Engine::Engine(Storage& storage, ConnectorRegistry connectors, EngineOptions options)
    : storage_(storage),
      connectors_(std::move(connectors)),
      options_(completed(std::move(options))),
      node_{.id = NodeId::generate(), .host = host_name(), .process_id = ::getpid()},
      gate_(*options_.log),
      leases_(storage_.jobs(), node_.id, *options_.clock, options_.lease),
      wake_up_(gate_, *options_.clock, [this] { service_.step(); }),
      runner_(surroundings()),
      dispatcher_(gate_, runtimes_, options_.workers,
                  [this](const std::shared_ptr<LeasedTask>& leased) { runner_.run(*leased); }),
      service_(surroundings(), dispatcher_, events_, node_, {host_affinity()}) {}

Engine::~Engine() { Engine::stop(); }

Surroundings Engine::surroundings() {
  return {.store = storage_.jobs(),
          .registry = connectors_,
          .options = options_,
          .runtimes = runtimes_,
          .leases = leases_,
          .outbox = outbox_,
          .wake_up = wake_up_};
}

void Engine::start() {
  const std::lock_guard lock(mutex_);
  if (state_ != State::made) {
    throw Error(Code::invalid_state, "an engine is started once; make another one");
  }
  if (options_.executor == nullptr) own_executor_ = make_thread_pool(options_.workers + 2);
  gate_.open(options_.executor != nullptr ? *options_.executor : *own_executor_);
  state_ = State::started;
  wake_up_.now();
  wake_up_.poll(options_.poll);
  beat();
}

void Engine::beat() {
  gate_.post_at(options_.clock->steady_now() + options_.heartbeat, [this] {
    service_.heartbeat();
    beat();
  });
}

void Engine::stop() {
  const std::lock_guard lock(mutex_);
  if (state_ != State::started) return;
  state_ = State::stopped;
  leases_.request_stop();
  gate_.close();
  service_.close();
  own_executor_.reset();
}

JobId Engine::submit(TenantId tenant_id, const JobSpec& spec) {
  const auto job_id = JobId::generate();
  submit_as(job_id, tenant_id, spec, [&](const NewJob& job) {
    storage_.jobs().submit(job_id, job);
    return true;
  });
  return job_id;
}

std::optional<JobId> Engine::submit_after(TenantId tenant_id, const JobSpec& spec,
                                          std::optional<JobId> newest) {
  const auto job_id = JobId::generate();
  const bool submitted = submit_as(job_id, tenant_id, spec, [&](const NewJob& job) {
    return storage_.jobs().submit_after(job_id, job, newest);
  });
  return submitted ? std::optional(job_id) : std::nullopt;
}

bool Engine::submit_as(JobId job_id, TenantId tenant_id, const JobSpec& spec,
                       const std::function<bool(const NewJob&)>& write) {
  const auto job = new_job(storage_, connectors_, tenant_id, job_id, spec);
  // Secrets have to be here before the job is there to be claimed.
  if (spec.needs_secrets) {
    runtimes_.attach(job_id, std::make_shared<const JobSpec>(spec), job.node_affinity);
  }
  bool written = false;
  try {
    written = write(job);
  } catch (...) {
    runtimes_.forget(job_id);
    throw;
  }
  if (!written) {
    runtimes_.forget(job_id);
    return false;
  }
  core::fault_point("submit.after");
  wake_up_.now();
  return true;
}

void Engine::attach(TenantId tenant_id, JobId job_id, const JobSpec& spec) {
  const auto job = find(tenant_id, job_id);
  if (!job) throw Error(Code::not_found, "there is no job " + job_id.to_string());
  if (job->identity != spec.identity) {
    throw Error(Code::invalid_state, "the spec is not that of job " + job_id.to_string() +
                                         ": its source, schema, mapping or destination differs");
  }
  refuse_missing_secrets(spec);
  runtimes_.attach(job_id, std::make_shared<const JobSpec>(spec), job->node_affinity);
  wake_up_.now();
}

RequeueResult Engine::retry(TenantId tenant_id, JobId job_id) {
  const auto result = storage_.jobs().requeue(tenant_id, job_id);
  wake_up_.now();
  return result;
}

std::optional<Job> Engine::find(TenantId tenant_id, JobId job_id) {
  return storage_.jobs().find_job(tenant_id, job_id);
}

// While the storage is away there is nothing to see, which is no reason to give up.
std::optional<Job> Engine::look(TenantId tenant_id, JobId job_id) {
  try {
    auto job = find(tenant_id, job_id);
    if (!job) throw Error(Code::not_found, "there is no job " + job_id.to_string());
    return job;
  } catch (const Error& error) {
    if (!error.retryable()) throw;
    return std::nullopt;
  }
}

Job Engine::wait(TenantId tenant_id, JobId job_id, std::chrono::milliseconds timeout) {
  using std::chrono::milliseconds;
  const auto began = options_.clock->steady_now();
  std::optional<Job> seen;
  while (true) {
    const auto count = events_.count();
    if (auto job = look(tenant_id, job_id)) seen = std::move(job);
    if (seen && is_final(seen->status)) return *seen;
    const auto trouble = service_.storage_failure();
    if (trouble && trouble->category != Category::transient) rethrow(*trouble);

    const auto waited =
        std::chrono::duration_cast<milliseconds>(options_.clock->steady_now() - began);
    if (waited >= timeout) {
      if (seen) return *seen;
      throw Error(Code::storage_unavailable,
                  "the storage could not be reached for " + std::to_string(waited.count()) + " ms");
    }
    events_.wait_for_change(count, std::min(options_.poll, timeout - waited));
  }
}

}  // namespace freight::engine

namespace freight {

std::unique_ptr<JobEngine> make_job_engine(Storage& storage, ConnectorRegistry connectors,
                                           EngineOptions options) {
  return std::make_unique<engine::Engine>(storage, std::move(connectors), std::move(options));
}

}  // namespace freight
