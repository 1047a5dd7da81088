#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/change_signal.hpp"
#include "freight/migration_engine.hpp"
#include "migration/run/lease.hpp"
#include "migration/run/target.hpp"

namespace freight::migration {

/// What drives share: the engine's own.
struct DriveParts {
  Storage& storage;
  JobEngine& jobs;
  const ConnectorRegistry& connectors;
  const MigrationEngineOptions& options;
  /// Counts what happens to jobs and migrations.
  engine::ChangeSignal& changes;
  const std::atomic<bool>& stopping;
};

/// Drives one migration from its claim to its end, or to where it is not to be driven any further.
/// Every step can be made again: whoever claims a migration that was begun looks at both databases
/// and at its jobs, and goes on from what it finds.
class Drive {
 public:
  /// `request`: the one that it was submitted with, where it is known; else it is read from what
  /// is stored.
  Drive(const DriveParts& parts, ClaimedMigration claimed,
        std::shared_ptr<const MigrationRequest> request);

  /// Never throws: what goes wrong ends the migration, or is the log's. How it has ended; nullopt
  /// when it has not.
  std::optional<JobStatus> drive() noexcept;

  /// To be called now and then while drive() is at work: a statement may take longer than a lease.
  void keep_lease() noexcept { lease_.keep(); }

 private:
  void carry_out();
  void prepare();
  /// What became of tables before, which their jobs know better.
  void take_over(const MigrationOutcome& before);
  void make_tables();
  void load_tables();
  /// Begins each table whose parents are there, and skips those whose parents never will be.
  void begin_ready();
  /// What keeps it from being begun: Reason::none for nothing.
  enum class Parents : std::uint8_t { ready, not_yet, never };
  Parents parents_of(std::size_t table);
  /// What is to be submitted for a table.
  struct Submission {
    std::size_t table;
    /// Of the jobs that were looked at.
    std::optional<JobId> newest;
  };
  /// Finds the job that was run for the table before; nothing when it has one now.
  std::optional<Submission> begin(std::size_t table);
  /// Of a table that is a file: what tells its content from another. Empty for one of a database.
  std::string fingerprint(std::size_t table);
  void submit(const std::vector<Submission>& submissions);
  /// How many jobs the tenant may still have.
  std::size_t room();
  void watch(std::size_t table, const Job& job);
  /// Makes the job this migration's own, unless another one that is driven has it.
  void adopt(std::size_t table, const Job& job);
  void try_again(std::size_t table, const Job& job);
  /// Does `work` for a table; what is the table's own fault ends it alone.
  template <typename Work>
  void for_table(std::size_t table, Work work);
  void look_at_jobs();
  void note_job(std::size_t table, const std::optional<Job>& job);
  void set_state(std::size_t table, TableState state, std::string message = {});
  bool is_at_work(TableState state) const;
  /// Of tables that refer to each other: tries again what was refused for want of the others' rows.
  void load_circles();
  std::uint64_t rejected_in(const std::vector<std::size_t>& circle) const;
  void replay_refused(std::size_t table);
  void pause_when_nothing_moves();

  void pause_jobs();
  void cancel_jobs();
  void cancel();
  void end(JobStatus status, std::optional<Failure> error = std::nullopt);
  void fail(const Error& error);
  void save();
  /// Saves what has changed, unless that was done a moment ago.
  void save_soon();
  void check() { lease_.check(); }
  std::optional<Job> find_job(std::size_t table);
  /// Those that have not ended.
  std::vector<Job> live_jobs();
  void wait_for_events(std::size_t count);

  DriveParts engine_;
  Migration migration_;
  DrivingLease lease_;
  std::shared_ptr<const MigrationRequest> request_;
  MigrationDraft draft_;
  MigrationOutcome& outcome_ = draft_.outcome;
  /// Of each table, as it was last seen.
  std::vector<std::optional<Job>> jobs_;
  std::optional<JobSpec> databases_;
  std::optional<Target> target_;
  std::chrono::steady_clock::time_point saved_at_;
  /// Something has changed since.
  bool dirty_ = false;
  std::optional<JobStatus> ended_;
};

}  // namespace freight::migration
