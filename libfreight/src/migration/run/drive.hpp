#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/job_events.hpp"
#include "freight/migration_engine.hpp"
#include "migration/run/lease.hpp"
#include "migration/run/target.hpp"

namespace freight::migration {

/// What drives share: the engine's own.
struct DriveSurroundings {
  Storage& storage;
  JobEngine& jobs;
  const ConnectorRegistry& connectors;
  const MigrationEngineOptions& options;
  /// Counts what happens to jobs and migrations.
  engine::JobEvents& events;
  const std::atomic<bool>& stopping;
};

/// Drives one migration from its claim to its end, or to where it is not to be driven any further.
/// Every step can be made again: whoever claims a migration that was begun looks at both databases
/// and at its jobs, and goes on from what it finds.
class Drive {
 public:
  /// `request`: the one that it was submitted with, where it is known; else it is read from what
  /// is stored.
  Drive(const DriveSurroundings& surroundings, ClaimedMigration claimed,
        std::shared_ptr<const MigrationRequest> request);

  /// Never throws: what goes wrong ends the migration, or is the log's. True when it has ended.
  bool drive() noexcept;

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
  void begin(std::size_t table);
  void submit(std::size_t table);
  void adopt(std::size_t table, const Job& job);
  void try_again(std::size_t table, const Job& job);
  /// Looks at the jobs of the tables that are running; true when something has changed.
  bool look_at_jobs();
  void note_job(std::size_t table, const std::optional<Job>& job);
  bool is_at_work(TableState state) const;
  /// Of tables that refer to each other: tries again what was refused for want of the others' rows.
  void load_circles();
  std::uint64_t rejected_in(const std::vector<std::size_t>& circle) const;
  void replay_refused(std::size_t table);
  void pause_when_nothing_moves();

  void control_jobs(JobStatus wanted);
  void cancel();
  void end(JobStatus status, std::optional<Failure> error = std::nullopt);
  void fail(const Error& error);
  void save();
  void save_soon();
  void check() { lease_.check(); }
  std::optional<Job> find_job(std::size_t table);
  std::vector<Job> jobs_of_migration();
  void wait_for_events(std::size_t count);

  DriveSurroundings with_;
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
  bool ended_ = false;
};

}  // namespace freight::migration
