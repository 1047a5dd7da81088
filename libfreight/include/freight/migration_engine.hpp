#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "freight/connector_registry.hpp"
#include "freight/job_engine.hpp"
#include "freight/job_spec.hpp"
#include "freight/migration.hpp"
#include "freight/migration_store.hpp"
#include "freight/sinks.hpp"
#include "freight/storage.hpp"

namespace freight {

/// @addtogroup running
/// @{

/// What is to be migrated, and how.
struct MigrationRequest {
  MigrationSpec spec;
  /// What the tables' jobs are read with.
  SpecOptions job_options = {};
  /// Names of tables, as the source or the destination has them: only these; empty for all.
  std::vector<std::string> only = {};
};

/// Everything that is wrong with a request and can be seen without its databases. Thread-safe.
std::vector<SpecError> check_migration(const MigrationRequest& request);

/// What a migration would do to its databases as they are now.
struct MigrationDraft {
  /// What is wrong with the job of one table.
  struct TableErrors {
    /// MigrationTable::from.
    std::string table;
    std::vector<SpecError> errors;
  };

  MigrationPlan plan;
  /// The jobs of the plan's tables, in their order; only when there are no errors.
  std::vector<JobSpec> jobs;
  std::vector<TableErrors> errors;
  /// What is begun with: left out is what MigrationRequest::only does not name.
  MigrationOutcome outcome;
};

/// Looks at both databases and changes nothing. `watch` is called while a server is waited for, and
/// throws to give up. Throws invalid_spec for what check_migration() finds, usage for a name in
/// `only` that is no table's, source_not_found when nothing is to be moved, and what keeps the
/// databases from being looked at.
MigrationDraft draft_migration(const MigrationRequest& request, const ConnectorRegistry& connectors,
                               TenantId tenant_id, const std::function<void()>& watch = {});

/// How a migration engine works. The sink must outlive the engine.
struct MigrationEngineOptions {
  /// Migrations that are driven at a time, mostly waiting; as many more while they are cancelled.
  unsigned at_a_time = 32;
  /// Only this one.
  std::optional<MigrationReference> only = {};
  /// Never nullptr.
  LogSink* log = &null_log_sink();
  /// How long a claim holds without a sign of life; after it another node may go on.
  std::chrono::milliseconds lease{5000};
  /// How often to look for what no event of this process announced.
  std::chrono::milliseconds poll{250};
};

/// Drives migrations: makes tables, submits the job of each table when those that it refers to have
/// ended well, and adds indexes and foreign keys when all rows are there. The jobs are an engine's
/// matter: of the one it was made with, or of any other that shares the storage.
///
/// Thread-safe. No thread before start(). Any number of migration engines may share a storage; of
/// what a node has begun and left another goes on. The destructor calls stop().
class MigrationEngine {
 public:
  virtual ~MigrationEngine() = default;

  /// Begins to claim migrations. Once.
  virtual void start() = 0;
  /// Gives up what is driven at its next step and returns. Migrations stay where they are and go on
  /// with the next engine; so do their jobs, which go on meanwhile. Idempotent.
  virtual void stop() = 0;

  /// Writes the migration and returns after the commit. While one of the same request (its name
  /// aside) has not ended that one is the answer, unless `even_if_live`. Throws invalid_spec with
  /// all errors of check_migration(), and what the storage throws.
  virtual MigrationSubmission submit(TenantId tenant_id, const MigrationRequest& request,
                                     bool even_if_live = false) = 0;
  /// Lets this engine drive a migration that was submitted before and whose passwords are not in
  /// storage. Throws invalid_state for another one's request, and not_found.
  virtual void attach(TenantId tenant_id, MigrationId id, const MigrationRequest& request) = 0;

  /// Pauses the migration and its jobs. See MigrationStore. Throws not_found.
  virtual StateChange pause(TenantId tenant_id, MigrationId id) = 0;
  /// Lets a paused one and its paused jobs go on. Throws not_found.
  virtual StateChange resume(TenantId tenant_id, MigrationId id) = 0;
  /// Cancels its jobs, then itself. Tables and rows that are there stay. Throws not_found.
  virtual StateChange cancel(TenantId tenant_id, MigrationId id) = 0;
  /// Puts one that has not ended well back to work: what is pending of its jobs, what their
  /// destinations refused, the tables that were skipped, and the constraints that failed. Throws
  /// not_found, and missing_secret when its passwords are in another program.
  virtual StateChange retry(TenantId tenant_id, MigrationId id) = 0;

  /// Blocks until the migration has ended or is paused, or `timeout` has passed, and returns it as
  /// it is then. Throws not_found, and the storage's error while it cannot be asked.
  virtual Migration wait(TenantId tenant_id, MigrationId id,
                         std::chrono::milliseconds timeout = std::chrono::milliseconds::max()) = 0;
};

/// `storage` and `jobs` must outlive the engine.
std::unique_ptr<MigrationEngine> make_migration_engine(Storage& storage, JobEngine& jobs,
                                                       ConnectorRegistry connectors,
                                                       MigrationEngineOptions options = {});

/// @}

}  // namespace freight
