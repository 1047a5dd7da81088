#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "engine/change_signal.hpp"
#include "engine/dispatcher.hpp"
#include "engine/job_runtimes.hpp"
#include "engine/lease_keeper.hpp"
#include "engine/outbox.hpp"
#include "engine/task_gate.hpp"
#include "engine/task_runner.hpp"
#include "engine/wake_up.hpp"
#include "engine/work_exchange.hpp"
#include "freight/job_engine.hpp"

namespace freight::engine {

/// JobEngine of its parts; see docs/architecture.md for how they work together.
class Engine final : public JobEngine {
 public:
  Engine(Storage& storage, ConnectorRegistry connectors, EngineOptions options);
  ~Engine() override;
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  void start() override;
  void stop() override;
  JobId submit(TenantId tenant_id, const JobSpec& spec) override;
  std::optional<JobId> submit_after(TenantId tenant_id, const JobSpec& spec,
                                    std::optional<JobId> newest) override;
  std::vector<JobId> submit_many(TenantId tenant_id, std::span<const JobSpec> specs) override;
  SubmitResult submit_once(TenantId tenant_id, const JobSpec& spec, std::string_view key) override;
  bool submit_part(const MigrationReference& migration, JobId job_id, const JobSpec& spec,
                   std::optional<JobId> newest) override;
  StateChange pause(TenantId tenant_id, JobId job_id) override;
  StateChange resume(TenantId tenant_id, JobId job_id) override;
  StateChange cancel(TenantId tenant_id, JobId job_id) override;
  void attach(TenantId tenant_id, JobId job_id, const JobSpec& spec) override;
  RetryResult retry(TenantId tenant_id, JobId job_id, RetryScope scope) override;
  BatchRetryResult retry_batch(TenantId tenant_id, BatchId batch_id) override;
  ReplayResult replay(TenantId tenant_id, JobId job_id, const DeadLetterFilter& filter) override;
  ReplayResult replay(TenantId tenant_id, JobId job_id,
                      const CorrectionReader& corrections) override;
  std::optional<Job> find(TenantId tenant_id, JobId job_id) override;
  Job wait(TenantId tenant_id, JobId job_id,
           std::chrono::milliseconds timeout = std::chrono::milliseconds::max()) override;

 private:
  enum class State { made, started, stopped };

  EngineParts parts();
  using Specs = std::span<const JobSpec>;
  /// Submits with `write`, which says whether the jobs are written.
  bool submit_as(TenantId tenant_id, Specs specs, std::span<const JobId> ids,
                 const std::function<bool(std::span<const JobSubmission>)>& write);
  void wake_up_at(const NewJob& job);
  void beat();
  std::optional<Job> look(TenantId tenant_id, JobId job_id);

  Storage& storage_;
  const ConnectorRegistry connectors_;
  const EngineOptions options_;
  const NodeInfo node_;

  std::mutex mutex_;
  State state_ = State::made;

  Metrics metrics_;
  TaskGate gate_;
  ChangeSignal changes_;
  JobRuntimes runtimes_;
  Outbox outbox_;
  LeaseKeeper leases_;
  WakeUp wake_up_;
  TaskRunner runner_;
  Dispatcher dispatcher_;
  WorkExchange exchange_;
  /// After all that its tasks touch, so that it goes first.
  std::unique_ptr<Executor> own_executor_;
};

}  // namespace freight::engine
