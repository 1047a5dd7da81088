#pragma once

#include <chrono>
#include <map>
#include <string>
#include <string_view>

#include "freight/migration_store.hpp"
#include "freight/storage.hpp"

namespace freight::daemon {

/// A migration with the jobs of its tables.
struct MigrationView {
  Migration migration;
  std::map<JobId, Job> jobs = {};

  /// nullptr when the table has none yet.
  const Job* job_of(const TableOutcome& table) const;
};

/// Looks up the jobs of the migration's tables.
MigrationView view_of(Storage& storage, Migration migration);

/// The sum over all jobs.
RecordCounts records_of(const MigrationView& view);

/// What a command says that ends now: a migration that nobody works for any more is `interrupted`.
std::string_view status_of_command(const Migration& migration);

/// For people: a line a table. `duration`: how long the command took.
std::string summarise(const MigrationView& view, std::chrono::milliseconds duration);

/// As one JSON object: `migration` with this status, `tables`, `constraints`, `notes`.
std::string render_report(const MigrationView& view, std::string_view status);

/// A table's state; with errors or without is the job's to say.
std::string_view state_of(const TableOutcome& table, const Job* job);

}  // namespace freight::daemon
