#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "freight/error.hpp"
#include "freight/ids.hpp"
#include "freight/job.hpp"
#include "freight/job_submission.hpp"
#include "freight/migration.hpp"
#include "freight/time.hpp"

namespace freight {

/// @addtogroup asking
/// @{

/// What became of a table of a migration.
enum class TableState : std::uint8_t {
  waiting,    ///< not begun
  running,    ///< its job is at work
  completed,  ///< all rows are there, or are rejects of its job
  failed,
  skipped,   ///< a table that it refers to failed
  left_out,  ///< NewMigration::only does not name it
};

/// The state's name, as storage, reports and REST have it.
std::string_view to_string(TableState state);
/// The state of that name; nullopt when there is none.
std::optional<TableState> parse_table_state(std::string_view name);

/// One table of a migration that was begun.
struct TableOutcome {
  /// MigrationTable::from and to.
  std::string from;
  std::string to;
  TableState state = TableState::waiting;
  /// The job that moves its rows; nullopt as long as there is none.
  std::optional<JobId> job_id = {};
  /// Why it failed or was skipped; empty otherwise.
  std::string message = {};
};

/// What became of an index or a foreign key.
enum class ConstraintState : std::uint8_t {
  waiting,  ///< rows come first
  present,  ///< it was there
  added,
  failed,  ///< it was refused, or rows break it
};

/// The state's name, as storage, reports and REST have it.
std::string_view to_string(ConstraintState state);
/// The state of that name; nullopt when there is none.
std::optional<ConstraintState> parse_constraint_state(std::string_view name);

/// One index or foreign key of a migration that was begun.
struct ConstraintOutcome {
  /// As MigrationConstraint has them.
  MigrationConstraint::Kind kind = MigrationConstraint::Kind::index;
  std::string table;
  std::string subject;
  ConstraintState state = ConstraintState::waiting;
  /// Why it failed; empty otherwise.
  std::string message = {};
  /// Keys of rows that break it, the first of them; NULL as nothing.
  std::vector<std::vector<std::optional<std::string>>> violations = {};
};

/// What became of a migration's parts, as far as it is. Empty before it was planned.
struct MigrationOutcome {
  /// Those that others refer to stand before them.
  std::vector<TableOutcome> tables = {};
  std::vector<ConstraintOutcome> constraints = {};
  /// What the destination does not have as the source has it; a sentence each.
  std::vector<std::string> notes = {};
};

/// How a migration ends with this outcome: `failed` when a table failed or was skipped, `pending`
/// while anything waits; whether its jobs have rejects is for whoever knows them to say.
JobStatus status_of(const MigrationOutcome& outcome);

/// One migration as storage has it; a snapshot. Its status is one of a job's, but `scheduled`.
struct Migration {
  MigrationId id;
  TenantId tenant_id;
  std::string name;
  JobStatus status = JobStatus::pending;
  /// The text that it was submitted with, without passwords.
  std::string spec;
  /// The tables that it is about; empty for all of the spec's.
  std::vector<std::string> only = {};
  /// Hex SHA-256 of spec and `only`, without the name.
  std::string identity;
  /// Only nodes that offer this affinity drive it; empty for any node.
  std::string node_affinity;
  /// Some node holds its lease.
  bool driven = false;
  MigrationOutcome outcome = {};
  /// What ended it before its end, beside what befell single tables.
  std::optional<Failure> error = {};
  Timestamp created_at;
  Timestamp updated_at;
  std::optional<Timestamp> started_at = {};
  std::optional<Timestamp> finished_at = {};
};

/// What a person can ask of a migration in this status, in this order: `pause`, `resume`, `cancel`,
/// `retry`.
std::vector<std::string_view> actions_of_migration(JobStatus status);

/// What a migration is made of; see Migration.
struct NewMigration {
  TenantId tenant_id;
  std::string name;
  std::string spec;
  std::vector<std::string> only = {};
  std::string identity;
  std::string node_affinity = {};
  /// Even while another of that identity has not ended.
  bool even_if_live = false;
};

/// What became of a migration's submission.
struct MigrationSubmission {
  MigrationId id;
  /// False: `id` is the one of that identity that has not ended, and nothing was written.
  bool created = true;
};

/// Which migrations of a tenant to list, newest first. Everything that is set must hold.
struct MigrationQuery {
  /// Empty for any.
  std::vector<JobStatus> statuses = {};
  /// Those that were submitted before this one.
  std::optional<MigrationId> before = {};
  /// 1 to 1000.
  std::uint32_t limit = 100;
};

/// What a node asks for that drives migrations.
struct MigrationClaim {
  /// A migration with another affinity than these (or none) is passed over, unless it is being
  /// cancelled, for which its databases are not needed.
  std::vector<std::string> affinities;
  /// Only this one; nullopt for any.
  std::optional<MigrationReference> only = {};
  /// Only those that are being cancelled.
  bool only_cancelling = false;
  /// How many at the most.
  std::uint32_t limit = 1;
  std::chrono::milliseconds lease{5000};
};

/// A migration that is driven under a lease.
struct ClaimedMigration {
  LeaseToken token;
  Migration migration;
};

/// What drives a migration says of it. Fenced: with a token that is no longer the lease's it
/// changes nothing.
struct MigrationReport {
  MigrationReference migration;
  LeaseToken token;
  MigrationOutcome outcome;
  /// It has ended so, or is paused because nothing of it can go on; nullopt while it goes on.
  std::optional<JobStatus> ended = {};
  /// Migration::error.
  std::optional<Failure> error = {};
};

/// Migrations of all tenants. Of what is said of them only the tables' jobs are elsewhere: in
/// JobStore, with Job::migration_id.
///
/// Thread-safe. Every call is one transaction. Errors are thrown as Error: transient when the same
/// call may be made again; calls are idempotent unless they say otherwise. Ids of another tenant
/// are not found.
class MigrationStore {
 public:
  virtual ~MigrationStore() = default;

  /// Writes it, `pending`, unless another of the tenant's and of that identity has not ended: of
  /// two callers at the same instant one gets the other's. Idempotent: the caller brings the id.
  /// Throws not_found for a tenant that is unknown or deleted.
  virtual MigrationSubmission submit(MigrationId id, const NewMigration& migration) = 0;
  /// nullopt when the tenant has no such migration.
  virtual std::optional<Migration> find(TenantId tenant_id, MigrationId id) = 0;
  /// Without `spec`. Throws invalid_value for a limit out of range.
  virtual std::vector<Migration> list(TenantId tenant_id, const MigrationQuery& query) = 0;
  /// How many list() has in all, up to `most`.
  virtual std::uint64_t count(TenantId tenant_id, const MigrationQuery& query,
                              std::uint64_t most) = 0;

  /// Nobody drives it any further; its jobs are their own matter. Throws not_found.
  virtual StateChange pause(TenantId tenant_id, MigrationId id) = 0;
  /// Lets a paused one go on. Throws not_found.
  virtual StateChange resume(TenantId tenant_id, MigrationId id) = 0;
  /// `cancelling` until whoever drives it has ended its jobs. Throws not_found.
  virtual StateChange cancel(TenantId tenant_id, MigrationId id) = 0;
  /// Puts one that has not ended well back to `pending`; all of its tables wait again, and their
  /// jobs are looked at anew. Not accepted while another of its identity has not ended. Throws
  /// not_found.
  virtual StateChange restart(TenantId tenant_id, MigrationId id) = 0;

  /// Migrations of active tenants that are to be driven and that nobody drives: those that are
  /// being cancelled first, then those of tenants of whom the fewest are driven, the oldest first.
  /// They are `running` from then on, unless they are being cancelled. Not idempotent: what is
  /// claimed is leased.
  virtual std::vector<ClaimedMigration> claim(const MigrationClaim& request) = 0;
  /// Keeps the lease for as long again. The status in force; nullopt when the lease is lost, or the
  /// tenant is not active any more.
  virtual std::optional<JobStatus> renew(const MigrationReference& migration, LeaseToken token,
                                         std::chrono::milliseconds lease) = 0;
  /// Writes a report. The status in force, which is that of the report when it has ended; nullopt
  /// when the lease is lost. What was paused or is to be cancelled by now ends all the same when
  /// the report says so.
  virtual std::optional<JobStatus> save(const MigrationReport& report) = 0;
  /// Gives the lease back: another node may go on.
  virtual void release(const MigrationReference& migration, LeaseToken token) = 0;

  /// Deletes migrations that ended before `before`, for good; their jobs stay. How many, at most
  /// `limit`.
  virtual std::uint64_t prune(Timestamp before, std::uint32_t limit) = 0;
};

/// @}

}  // namespace freight
