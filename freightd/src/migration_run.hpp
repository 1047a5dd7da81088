#pragma once

#include <chrono>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "exit_status.hpp"
#include "freight/job_spec.hpp"
#include "freight/migration.hpp"
#include "job_run.hpp"
#include "migration_report.hpp"
#include "options.hpp"

namespace freight::daemon {

/// Runs a migration from its spec to its report, several tables at a time: makes the tables, moves
/// the rows with a job each, and adds indexes and foreign keys. What was begun before is gone on
/// with, as `run` does with a job.
class MigrationRun {
 public:
  /// `spec_options` are those of the tables' jobs.
  MigrationRun(MigrationSpec spec, SpecOptions spec_options, const Options& options);

  /// The exit status. Throws Error for what keeps the migration from being begun.
  ExitStatus run();

  /// Says what run() would do, and does nothing.
  ExitStatus check();

 private:
  /// Looks at both databases and reads the tables' jobs; false when a job is not valid, which was
  /// said.
  bool prepare();
  bool read_jobs();
  void check_place(const MigrationTable& table, const JobSpec& job) const;
  DatabaseSchema destination_schema() const;
  void leave_out_others();
  void make_tables();
  void load_tables();
  /// Of tables that refer to each other: tries again what was refused for want of the others' rows.
  void load_circles();
  void load(std::size_t table);
  JobRunListener listener_of(std::size_t table);
  std::optional<std::size_t> next_table();
  ExitStatus conclude();

  void note_progress(std::size_t table, const Job& job);
  void say_of(std::size_t table, const std::string& text) const;

  MigrationSpec spec_;
  SpecOptions spec_options_;
  const Options& options_;
  std::string source_url_;
  std::string destination_url_;
  MigrationPlan plan_;
  std::vector<JobSpec> jobs_;
  MigrationOutcome outcome_;
  /// Guards the outcome, and what is shown, while tables are loaded side by side.
  mutable std::mutex mutex_;
  std::chrono::steady_clock::time_point shown_at_;
};

}  // namespace freight::daemon
