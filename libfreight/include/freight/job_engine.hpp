#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "freight/connector_registry.hpp"
#include "freight/executor.hpp"
#include "freight/retry_policy.hpp"
#include "freight/sinks.hpp"
#include "freight/storage.hpp"

namespace freight {

/// @addtogroup running
/// @{

/// How an engine works; the defaults suit a program that runs one. Executor, sinks and clock are
/// not owned through their pointers, but for shared ones: they must outlive the engine.
struct EngineOptions {
  /// Batches at a time; 0 for one more than there are processors.
  unsigned workers = 0;
  /// nullptr: a pool of the engine's own, made by start().
  std::shared_ptr<Executor> executor = {};
  /// nullptr: an ExponentialBackoff of each job's own spec.
  std::shared_ptr<const RetryPolicy> retry_policy = {};
  /// Work only for this job and leave the rest to others.
  std::optional<JobId> only_job = {};
  /// Work only for the jobs of this migration.
  std::optional<MigrationReference> only_migration = {};
  /// Never nullptr.
  LogSink* log = &null_log_sink();
  /// nullptr: nobody is told. All that this engine's storage object writes while the engine is
  /// started; what other processes do is read with JobStore::list_events.
  EventSink* events = nullptr;
  /// nullptr: nothing is measured.
  MetricSink* metrics = nullptr;
  /// Never nullptr. Leases and due times are the storage's own clock's matter, not this one's.
  const Clock* clock = &system_clock();
  /// How long a claim holds without a heartbeat; after it another node may take the work over.
  std::chrono::milliseconds lease{5000};
  /// How often leases are renewed; well below `lease`, so that one that is late costs nothing.
  std::chrono::milliseconds heartbeat{1000};
  /// How often to look for work that nothing announced.
  std::chrono::milliseconds poll{250};
};

/// Runs jobs: plans them, claims batches, executes, retries, acknowledges and reconciles.
///
/// Thread-safe. No thread before start(); no signal handler, no output, no process-wide state. Any
/// number of engines, in any number of processes, may share a storage. The destructor calls stop().
class JobEngine {
 public:
  virtual ~JobEngine() = default;

  /// Begins to claim work. Once.
  virtual void start() = 0;

  /// Asks running batches to end at their next boundary, waits until they have, hands back what is
  /// left and returns. Jobs stay where they are and go on with the next engine. Idempotent.
  virtual void stop() = 0;

  /// Writes the job and returns after the commit. Throws destination_is_storage,
  /// unsupported_connector and what the storage throws.
  virtual JobId submit(TenantId tenant_id, const JobSpec& spec) = 0;
  /// As submit(), but only when `newest` is the tenant's newest job of the spec's identity
  /// (nullopt: it has none); else nullopt, and nothing is written. So two programs that look for
  /// the job and then start it at the same instant end with one job.
  virtual std::optional<JobId> submit_after(TenantId tenant_id, const JobSpec& spec,
                                            std::optional<JobId> newest) = 0;

  /// Writes up to 1000 jobs in one transaction, all of them or none. Throws as submit().
  virtual std::vector<JobId> submit_many(TenantId tenant_id, std::span<const JobSpec> specs) = 0;
  /// As submit(), once for each key (1 to 255 bytes) of the tenant in seven days: the same spec
  /// again gives the first job again. Throws idempotency_conflict for another spec, and as
  /// submit().
  virtual SubmitResult submit_once(TenantId tenant_id, const JobSpec& spec,
                                   std::string_view key) = 0;

  /// As submit_after(), for a job of a migration whose id the caller brings: once, however often it
  /// is called. False when nothing was written, because another job is the newest by now.
  virtual bool submit_part(const MigrationReference& migration, JobId job_id, const JobSpec& spec,
                           std::optional<JobId> newest) = 0;

  /// See JobStore. Batches that run end; those not begun go back. Throws not_found.
  virtual StateChange pause(TenantId tenant_id, JobId job_id) = 0;
  /// Lets a paused job go on; see JobStore::resume(). Throws not_found.
  virtual StateChange resume(TenantId tenant_id, JobId job_id) = 0;
  /// See JobStore. Batches that run stop at their next record boundary, on other nodes within about
  /// a heartbeat; what is written by then is counted, and stays. Then the destination cleans up.
  virtual StateChange cancel(TenantId tenant_id, JobId job_id) = 0;

  /// Lets this engine work for a job that was submitted before and whose secrets are not in
  /// storage, or that was meant for another host: `spec` must have the job's identity (else
  /// invalid_state) and all its secrets (else missing_secret). It holds until the job ends. A job
  /// whose secrets no node has says so in Job::waiting_on (missing_secret).
  virtual void attach(TenantId tenant_id, JobId job_id, const JobSpec& spec) = 0;

  /// Puts an ended job back to work with its pending batches, its open dead letters, or both, in
  /// one transaction; see JobStore::retry(). Records whose destination cannot be added to are
  /// refused, or left out of `all`. Throws not_found.
  virtual RetryResult retry(TenantId tenant_id, JobId job_id, RetryScope scope) = 0;
  /// See JobStore::retry_batch.
  virtual BatchRetryResult retry_batch(TenantId tenant_id, BatchId batch_id) = 0;

  /// Puts the open dead letters of an ended job (or some of them) back to work, as they were kept.
  /// Throws not_found and invalid_state for a job whose destination cannot be added to any more.
  virtual ReplayResult replay(TenantId tenant_id, JobId job_id, const DeadLetterFilter& filter) = 0;
  /// Replays the records that `corrections` gives, as a person corrected them. Ordinals without an
  /// open dead letter are passed over; memory does not grow with their number. Throws also
  /// invalid_value for a correction that is no record, and what the reader throws.
  virtual ReplayResult replay(TenantId tenant_id, JobId job_id,
                              const CorrectionReader& corrections) = 0;

  /// A snapshot; nullopt when the tenant has no such job.
  virtual std::optional<Job> find(TenantId tenant_id, JobId job_id) = 0;

  /// Blocks until the job has ended or `timeout` has passed, and returns it as it is then. Throws
  /// not_found, and the storage's error when the storage refuses this engine's work (no room, no
  /// right); one that is only away is waited for.
  virtual Job wait(TenantId tenant_id, JobId job_id,
                   std::chrono::milliseconds timeout = std::chrono::milliseconds::max()) = 0;
};

/// `storage` must outlive the engine.
std::unique_ptr<JobEngine> make_job_engine(Storage& storage, ConnectorRegistry connectors,
                                           EngineOptions options = {});

/// @}

}  // namespace freight
