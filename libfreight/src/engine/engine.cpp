#include "engine/engine.hpp"

#include <unistd.h>

#include <algorithm>
#include <thread>
#include <utility>

#include "core/fault_point.hpp"
#include "core/hash.hpp"
#include "engine/replay.hpp"
#include "engine/stored_spec.hpp"
#include "engine/submission.hpp"

namespace freight::engine {
namespace {

// While one worker waits for a commit to reach the disk, another has the processor.
EngineOptions completed(EngineOptions options) {
  if (options.workers == 0) options.workers = std::max(1U, std::thread::hardware_concurrency()) + 1;
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
      node_{.id = NodeId::generate(),
            .host = host_name(),
            .process_id = ::getpid(),
            .workers = options_.workers},
      metrics_(options_.metrics),
      gate_(*options_.log),
      leases_(storage_.work(), node_.id, *options_.clock, options_.lease),
      wake_up_(gate_, *options_.clock, [this] { exchange_.step(); }),
      runner_(parts()),
      dispatcher_(gate_, runtimes_, *options_.clock, options_.workers,
                  [this](const std::shared_ptr<LeasedTask>& leased) { runner_.run(*leased); }),
      exchange_(parts(), dispatcher_, changes_, node_, {host_affinity()}) {}

Engine::~Engine() { Engine::stop(); }

EngineParts Engine::parts() {
  return {.stores = {storage_.jobs(), storage_.work()},
          .registry = connectors_,
          .options = options_,
          .runtimes = runtimes_,
          .leases = leases_,
          .outbox = outbox_,
          .wake_up = wake_up_,
          .gate = gate_,
          .metrics = metrics_};
}

void Engine::start() {
  const std::lock_guard lock(mutex_);
  if (state_ != State::made) {
    throw Error(Code::invalid_state, "an engine is started once; make another one");
  }
  if (options_.events != nullptr) storage_.jobs().subscribe(*options_.events);
  if (options_.executor == nullptr) own_executor_ = make_thread_pool(options_.workers + 2);
  gate_.open(options_.executor != nullptr ? *options_.executor : *own_executor_);
  state_ = State::started;
  wake_up_.now();
  wake_up_.poll(options_.poll);
  beat();
}

void Engine::beat() {
  gate_.post_at(options_.clock->steady_now() + options_.heartbeat, [this] {
    exchange_.heartbeat();
    beat();
  });
}

void Engine::stop() {
  const std::lock_guard lock(mutex_);
  if (state_ != State::started) return;
  state_ = State::stopped;
  leases_.request_stop();
  gate_.close();
  exchange_.close();
  if (options_.events != nullptr) storage_.jobs().unsubscribe(*options_.events);
  own_executor_.reset();
}

JobId Engine::submit(TenantId tenant_id, const JobSpec& spec) {
  return submit_many(tenant_id, {&spec, 1}).front();
}

std::vector<JobId> Engine::submit_many(TenantId tenant_id, Specs specs) {
  std::vector<JobId> ids;
  ids.reserve(specs.size());
  for (std::size_t i = 0; i < specs.size(); ++i) ids.push_back(JobId::generate());
  submit_as(tenant_id, specs, ids, [&](std::span<const JobSubmission> jobs) {
    storage_.jobs().submit_many(jobs);
    return true;
  });
  return ids;
}

std::optional<JobId> Engine::submit_after(TenantId tenant_id, const JobSpec& spec,
                                          std::optional<JobId> newest) {
  const auto job_id = JobId::generate();
  const bool submitted =
      submit_as(tenant_id, {&spec, 1}, {&job_id, 1}, [&](std::span<const JobSubmission> jobs) {
        return storage_.jobs().submit_after(job_id, jobs.front().job, newest);
      });
  return submitted ? std::optional(job_id) : std::nullopt;
}

SubmitResult Engine::submit_once(TenantId tenant_id, const JobSpec& spec, std::string_view key) {
  const auto job_id = JobId::generate();
  SubmitResult result;
  submit_as(tenant_id, {&spec, 1}, {&job_id, 1}, [&](std::span<const JobSubmission> jobs) {
    const auto& job = jobs.front().job;
    result = storage_.jobs().submit_once(
        job_id, job, {.key = std::string(key), .request = core::sha256_hex(job.spec)});
    return result.created;
  });
  if (result.conflict) {
    throw Error(Code::idempotency_conflict,
                "the idempotency key was used for job " + result.job_id.to_string() +
                    ", which has another spec",
                {.hint = "send another job with a key of its own"});
  }
  return result;
}

bool Engine::submit_part(const MigrationReference& migration, JobId job_id, const JobSpec& spec,
                         std::optional<JobId> newest) {
  return submit_as(migration.tenant_id, {&spec, 1}, {&job_id, 1},
                   [&](std::span<const JobSubmission> jobs) {
                     NewJob job = jobs.front().job;
                     job.migration_id = migration.migration_id;
                     return storage_.jobs().submit_after(job_id, job, newest);
                   });
}

bool Engine::submit_as(TenantId tenant_id, Specs specs, std::span<const JobId> ids,
                       const std::function<bool(std::span<const JobSubmission>)>& write) {
  std::vector<JobSubmission> jobs;
  jobs.reserve(specs.size());
  for (std::size_t i = 0; i < specs.size(); ++i) {
    jobs.push_back({ids[i], new_job(storage_, connectors_, tenant_id, ids[i], specs[i])});
  }
  // Secrets have to be here before the job is there to be claimed.
  for (std::size_t i = 0; i < specs.size(); ++i) {
    if (!specs[i].is_bound_to_process()) continue;
    runtimes_.attach(ids[i], std::make_shared<const JobSpec>(specs[i]), jobs[i].job.node_affinity);
  }
  const auto forget = [&] {
    for (const auto id : ids) runtimes_.forget(id);
  };
  bool written = false;
  try {
    written = write(jobs);
  } catch (...) {
    forget();
    throw;
  }
  if (!written) {
    forget();
    return false;
  }
  core::fault_point("submit.after");
  for (const auto& submission : jobs) wake_up_at(submission.job);
  wake_up_.now();
  return true;
}

// By the clock of this machine: the store's may differ a little, which the poll makes up for.
void Engine::wake_up_at(const NewJob& job) {
  if (!job.run_at) return;
  const auto wait = *job.run_at - options_.clock->now();
  if (wait <= std::chrono::seconds(0) || wait > std::chrono::hours(1)) return;
  wake_up_.at(options_.clock->steady_now() + wait + std::chrono::milliseconds(1));
}

StateChange Engine::pause(TenantId tenant_id, JobId job_id) {
  const auto change = storage_.jobs().pause(tenant_id, job_id, std::nullopt);
  if (change.changed) exchange_.hand_back_waiting({tenant_id, job_id});
  return change;
}

StateChange Engine::resume(TenantId tenant_id, JobId job_id) {
  const auto change = storage_.jobs().resume(tenant_id, job_id);
  wake_up_.now();
  return change;
}

StateChange Engine::cancel(TenantId tenant_id, JobId job_id) {
  const auto change = storage_.jobs().cancel(tenant_id, job_id);
  if (change.status == JobStatus::cancelling) exchange_.stop_job({tenant_id, job_id});
  if (change.changed && change.status == JobStatus::cancelled) {
    exchange_.job_cancelled({tenant_id, job_id});
  }
  return change;
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
  if (job->waiting_on && job->waiting_on->code == Code::missing_secret) {
    storage_.work().note_waiting(tenant_id, job_id, std::nullopt);
  }
  wake_up_.now();
}

RetryResult Engine::retry(TenantId tenant_id, JobId job_id, RetryScope scope) {
  const auto result = retry_ended(storage_.jobs(), tenant_id, job_id, scope);
  wake_up_.now();
  return result;
}

BatchRetryResult Engine::retry_batch(TenantId tenant_id, BatchId batch_id) {
  const auto result = storage_.jobs().retry_batch(tenant_id, batch_id);
  wake_up_.now();
  return result;
}

ReplayResult Engine::replay(TenantId tenant_id, JobId job_id, const DeadLetterFilter& filter) {
  const auto result = replay_selected(storage_.jobs(), tenant_id, job_id, filter);
  wake_up_.now();
  return result;
}

ReplayResult Engine::replay(TenantId tenant_id, JobId job_id, const CorrectionReader& corrections) {
  const auto result = replay_corrected(storage_.jobs(), tenant_id, job_id, corrections);
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
    const auto count = changes_.count();
    if (auto job = look(tenant_id, job_id)) seen = std::move(job);
    if (seen && is_final(seen->status)) return *seen;
    const auto trouble = exchange_.storage_failure();
    if (trouble && trouble->category != Category::transient) rethrow(*trouble);

    const auto waited =
        std::chrono::duration_cast<milliseconds>(options_.clock->steady_now() - began);
    if (waited >= timeout) {
      if (seen) return *seen;
      throw Error(Code::storage_unavailable,
                  "the storage could not be reached for " + std::to_string(waited.count()) + " ms");
    }
    changes_.wait_for_change(count, std::min(options_.poll, timeout - waited));
  }
}

}  // namespace freight::engine

namespace freight {

std::unique_ptr<JobEngine> make_job_engine(Storage& storage, ConnectorRegistry connectors,
                                           EngineOptions options) {
  return std::make_unique<engine::Engine>(storage, std::move(connectors), std::move(options));
}

}  // namespace freight
