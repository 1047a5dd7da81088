#include "freight/migration_engine.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <list>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include "engine/change_signal.hpp"
#include "engine/submission.hpp"
#include "freight/error.hpp"
#include "migration/run/drive.hpp"
#include "migration/run/request_text.hpp"

namespace freight {
namespace migration {
namespace {

/// Counts what ends jobs and changes migrations, for those who wait for it.
class EventCounter final : public EventSink {
 public:
  void event(const Event& event) noexcept override {
    if (event.type == EventType::state || event.type == EventType::migration) signal_.note();
  }
  engine::ChangeSignal& signal() { return signal_; }

 private:
  engine::ChangeSignal signal_;
};

class Engine final : public MigrationEngine {
 public:
  Engine(Storage& storage, JobEngine& jobs, ConnectorRegistry connectors,
         const MigrationEngineOptions& options)
      : storage_(storage), jobs_(jobs), connectors_(std::move(connectors)), options_(options) {}
  ~Engine() override { Engine::stop(); }
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  void start() override;
  void stop() override;
  MigrationSubmission submit(TenantId tenant_id, const MigrationRequest& request,
                             bool even_if_live) override;
  void attach(TenantId tenant_id, MigrationId id, const MigrationRequest& request) override;
  StateChange pause(TenantId tenant_id, MigrationId id) override;
  StateChange resume(TenantId tenant_id, MigrationId id) override;
  StateChange cancel(TenantId tenant_id, MigrationId id) override;
  StateChange retry(TenantId tenant_id, MigrationId id) override;
  Migration wait(TenantId tenant_id, MigrationId id, std::chrono::milliseconds timeout) override;

 private:
  /// One that is driven, on a thread of its own.
  struct Driven {
    std::unique_ptr<Drive> drive;
    std::atomic<bool> done = false;
    std::jthread thread;
  };

  void claim_on();
  void claim();
  void begin(ClaimedMigration claimed);
  void keep_request(MigrationId id, const MigrationRequest& request);
  std::shared_ptr<const MigrationRequest> request_of(MigrationId id);
  void forget(MigrationId id);
  /// Calls `work` for each job of the migration that has not ended.
  template <typename Work>
  void for_each_job(TenantId tenant_id, MigrationId id, std::vector<JobStatus> statuses, Work work);

  Storage& storage_;
  JobEngine& jobs_;
  const ConnectorRegistry connectors_;
  const MigrationEngineOptions options_;
  EventCounter changes_;
  std::atomic<bool> stopping_ = false;
  std::mutex mutex_;
  /// Of migrations whose passwords are nowhere else.
  std::map<MigrationId, std::shared_ptr<const MigrationRequest>> requests_;
  std::list<Driven> driven_;
  std::jthread claimer_;
};

RequestText checked_text(const MigrationRequest& request) {
  RequestText text = text_of_request(request);
  if (!text.errors.empty()) SpecResult{.spec = {}, .errors = text.errors}.value();
  return text;
}

std::string affinity_of(const Storage& storage, MigrationId id, const RequestText& text) {
  if (text.needs_secrets) return std::string(engine::secret_affinity_prefix) + id.to_string();
  return engine::place_affinity(storage, text.databases);
}

void Engine::start() {
  if (claimer_.joinable()) {
    throw Error(Code::invalid_state, "an engine is started once; make another one");
  }
  storage_.jobs().subscribe(changes_);
  claimer_ = std::jthread([this] { claim_on(); });
}

void Engine::stop() {
  if (stopping_.exchange(true) || !claimer_.joinable()) return;
  changes_.signal().note();
  claimer_.join();
  driven_.clear();
  storage_.jobs().unsubscribe(changes_);
}

void Engine::claim_on() {
  while (!stopping_) {
    const auto count = changes_.signal().count();
    try {
      claim();
    } catch (const std::exception& error) {
      options_.log->log(LogLevel::warning,
                        std::string("no migration can be claimed: ") + error.what(), {});
    }
    changes_.signal().wait_for_change(count, options_.poll);
  }
}

void Engine::claim() {
  driven_.remove_if([](const Driven& one) { return one.done.load(); });
  for (Driven& one : driven_) one.drive->keep_lease();
  // What is being cancelled does not wait for others to end.
  const bool is_full = driven_.size() >= options_.at_a_time;
  if (driven_.size() >= std::size_t{2} * options_.at_a_time) return;
  const std::size_t room = is_full ? options_.at_a_time : options_.at_a_time - driven_.size();
  MigrationClaim request{.affinities = {engine::host_affinity()},
                         .only = options_.only,
                         .only_cancelling = is_full,
                         .limit = static_cast<std::uint32_t>(room),
                         .lease = options_.lease};
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, known] : requests_) {
      request.affinities.push_back(std::string(engine::secret_affinity_prefix) + id.to_string());
    }
  }
  for (ClaimedMigration& claimed : storage_.migrations().claim(request)) {
    begin(std::move(claimed));
  }
}

void Engine::begin(ClaimedMigration claimed) {
  const DriveParts parts{.storage = storage_,
                         .jobs = jobs_,
                         .connectors = connectors_,
                         .options = options_,
                         .changes = changes_.signal(),
                         .stopping = stopping_};
  const MigrationId id = claimed.migration.id;
  Driven& driven = driven_.emplace_back();
  driven.drive = std::make_unique<Drive>(parts, std::move(claimed), request_of(id));
  driven.thread = std::jthread([this, &driven, id] {
    if (driven.drive->drive() == JobStatus::completed) forget(id);
    driven.done = true;
    changes_.signal().note();
  });
}

void Engine::keep_request(MigrationId id, const MigrationRequest& request) {
  const std::lock_guard lock(mutex_);
  requests_.insert_or_assign(id, std::make_shared<const MigrationRequest>(request));
}

std::shared_ptr<const MigrationRequest> Engine::request_of(MigrationId id) {
  const std::lock_guard lock(mutex_);
  const auto known = requests_.find(id);
  return known == requests_.end() ? nullptr : known->second;
}

void Engine::forget(MigrationId id) {
  const std::lock_guard lock(mutex_);
  requests_.erase(id);
}

MigrationSubmission Engine::submit(TenantId tenant_id, const MigrationRequest& request,
                                   bool even_if_live) {
  const RequestText text = checked_text(request);
  const auto id = MigrationId::generate();
  // Passwords have to be here before the migration is there to be claimed.
  if (text.needs_secrets) keep_request(id, request);
  MigrationSubmission submitted;
  try {
    submitted = storage_.migrations().submit(id, {.tenant_id = tenant_id,
                                                  .name = request.spec.name,
                                                  .spec = text.stored,
                                                  .only = request.only,
                                                  .identity = text.identity,
                                                  .node_affinity = affinity_of(storage_, id, text),
                                                  .even_if_live = even_if_live});
  } catch (...) {
    forget(id);
    throw;
  }
  if (!submitted.created) forget(id);
  changes_.signal().note();
  return submitted;
}

void Engine::attach(TenantId tenant_id, MigrationId id, const MigrationRequest& request) {
  const auto migration = storage_.migrations().find(tenant_id, id);
  if (!migration) throw Error(Code::not_found, "there is no migration " + id.to_string());
  if (migration->identity != checked_text(request).identity) {
    throw Error(Code::invalid_state, "the request is not that of migration " + id.to_string());
  }
  keep_request(id, request);
  changes_.signal().note();
}

template <typename Work>
void Engine::for_each_job(TenantId tenant_id, MigrationId id, std::vector<JobStatus> statuses,
                          Work work) {
  JobQuery query{.statuses = std::move(statuses), .migration_id = id, .limit = 1000};
  do {
    const JobPage page = storage_.jobs().list_jobs(tenant_id, query);
    for (const Job& job : page.jobs) work(job);
    query.cursor = page.next_cursor;
  } while (!query.cursor.empty());
}

StateChange Engine::pause(TenantId tenant_id, MigrationId id) {
  const auto change = storage_.migrations().pause(tenant_id, id);
  if (!change.accepted) return change;
  for_each_job(tenant_id, id, {JobStatus::scheduled, JobStatus::pending, JobStatus::running},
               [&](const Job& job) { jobs_.pause(tenant_id, job.id); });
  return change;
}

/// The jobs first: whoever claims the migration must not find them paused.
StateChange Engine::resume(TenantId tenant_id, MigrationId id) {
  const auto migration = storage_.migrations().find(tenant_id, id);
  if (migration && migration->status == JobStatus::paused) {
    for_each_job(tenant_id, id, {JobStatus::paused},
                 [&](const Job& job) { jobs_.resume(tenant_id, job.id); });
  }
  return storage_.migrations().resume(tenant_id, id);
}

StateChange Engine::cancel(TenantId tenant_id, MigrationId id) {
  const auto change = storage_.migrations().cancel(tenant_id, id);
  if (!change.accepted) return change;
  for_each_job(tenant_id, id,
               {JobStatus::scheduled, JobStatus::pending, JobStatus::running, JobStatus::paused},
               [&](const Job& job) { jobs_.cancel(tenant_id, job.id); });
  return change;
}

StateChange Engine::retry(TenantId tenant_id, MigrationId id) {
  const auto migration = storage_.migrations().find(tenant_id, id);
  const bool has_secrets =
      migration && migration->node_affinity.starts_with(engine::secret_affinity_prefix);
  if (has_secrets && request_of(id) == nullptr) {
    throw Error(Code::missing_secret,
                "the passwords of migration " + id.to_string() + " are not stored, and not here",
                {.hint = "send it again as a new migration: what is there is found"});
  }
  return storage_.migrations().restart(tenant_id, id);
}

Migration Engine::wait(TenantId tenant_id, MigrationId id, std::chrono::milliseconds timeout) {
  const auto began = std::chrono::steady_clock::now();
  while (true) {
    const auto count = changes_.signal().count();
    auto migration = storage_.migrations().find(tenant_id, id);
    if (!migration) throw Error(Code::not_found, "there is no migration " + id.to_string());
    const auto waited = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - began);
    if (is_final(migration->status) || migration->status == JobStatus::paused ||
        waited >= timeout) {
      return *std::move(migration);
    }
    changes_.signal().wait_for_change(count, std::min(options_.poll, timeout - waited));
  }
}

}  // namespace
}  // namespace migration

std::unique_ptr<MigrationEngine> make_migration_engine(Storage& storage, JobEngine& jobs,
                                                       ConnectorRegistry connectors,
                                                       MigrationEngineOptions options) {
  return std::make_unique<migration::Engine>(storage, jobs, std::move(connectors), options);
}

}  // namespace freight
