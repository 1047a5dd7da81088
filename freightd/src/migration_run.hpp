#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "exit_status.hpp"
#include "freight/migration_engine.hpp"
#include "migration_report.hpp"
#include "options.hpp"

namespace freight::daemon {

/// Runs a migration from its spec to its report, and one that was begun before to its end: the
/// heart of the command `run` for a file with tables.
class MigrationRun {
 public:
  MigrationRun(MigrationRequest request, const Options& options);

  /// The exit status. Throws Error for what keeps the migration from being begun.
  ExitStatus run();

  /// Says what run() would do, and does nothing.
  ExitStatus check();

 private:
  /// Looks at both databases; false when something is not valid, which was said.
  bool look_at_databases();
  void open();
  MigrationId begin();
  void work(MigrationId id);
  void watch(MigrationEngine& engine, MigrationId id);
  /// Says what has changed since the last look.
  void tell(const Migration& migration);
  void tell_progress();
  ExitStatus conclude(MigrationId id);
  Migration find(MigrationId id) const;

  MigrationRequest request_;
  const Options& options_;
  const ConnectorRegistry connectors_;
  const std::chrono::steady_clock::time_point began_at_ = std::chrono::steady_clock::now();
  MigrationDraft draft_;
  std::unique_ptr<Storage> storage_;
  TenantId tenant_id_;
  MigrationView shown_;
  bool constraints_said_ = false;
  std::chrono::steady_clock::time_point progress_at_;
};

}  // namespace freight::daemon
