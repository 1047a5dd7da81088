#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "freight/error.hpp"
#include "freight/ids.hpp"
#include "freight/record.hpp"
#include "freight/time.hpp"

namespace freight {

/// @addtogroup running
/// @{

/// Where a job stands. can_transition() says what may follow what.
enum class JobStatus {
  scheduled,  ///< waits for its Job::run_at
  pending,    ///< submitted, retried or replayed; nobody works for it yet
  running,
  paused,      ///< by a person or a limit; nothing more of it is claimed
  cancelling,  ///< its last batches are being stopped
  completed,
  completed_with_errors,  ///< every record has its outcome, some were rejected
  failed,
  cancelled,
};

/// Where a batch stands. `failed` batches were given up: their records are pending.
enum class BatchStatus { ready, leased, completed, failed, cancelled };

/// What a batch holds: a range of the source; records that a person replays; or those that a
/// foreign key refused, once more after all the others.
enum class BatchKind : std::uint8_t { planned, replay, foreign_keys };

/// The kind's name, as storage keeps it.
std::string_view to_string(BatchKind kind);
/// The kind of that name; nullopt when there is none.
std::optional<BatchKind> parse_batch_kind(std::string_view name);
/// The status' name, as storage, reports and REST have it.
std::string_view to_string(JobStatus status);
/// The status of that name; nullopt when there is none.
std::optional<JobStatus> parse_job_status(std::string_view name);
/// The status' name, as storage, reports and REST have it.
std::string_view to_string(BatchStatus status);
/// The status of that name; nullopt when there is none.
std::optional<BatchStatus> parse_batch_status(std::string_view name);

/// True for completed, completed_with_errors, failed and cancelled.
bool is_final(JobStatus status);

/// The legal transitions, all of them; what is not here does not happen.
struct JobTransition {
  JobStatus from;
  JobStatus to;
  std::string_view when;
};
/// As JobTransition, of a batch.
struct BatchTransition {
  BatchStatus from;
  BatchStatus to;
  std::string_view when;
};
/// The whole table of jobs' transitions. Lives as long as the process.
std::span<const JobTransition> job_transitions();
/// The whole table of batches' transitions. Lives as long as the process.
std::span<const BatchTransition> batch_transitions();
/// True when the table has it. A status does not follow itself.
bool can_transition(JobStatus from, JobStatus to);
/// True when the table has it. A status does not follow itself.
bool can_transition(BatchStatus from, BatchStatus to);

/// What a person can ask of a job in this status, as the table of transitions has it, in this
/// order: `pause`, `resume`, `cancel`, `retry`, `delete`.
std::vector<std::string_view> actions_of(JobStatus status);

/// Counts of records, not of passes over them.
struct RecordCounts {
  /// All that have been read, whatever became of them.
  std::uint64_t read = 0;
  std::uint64_t succeeded = 0;
  std::uint64_t rejected = 0;
  /// Not written because the destination had their key (`on_conflict: skip`).
  std::uint64_t skipped = 0;
  /// Dropped by the spec's filter.
  std::uint64_t filtered = 0;
  /// In how many of those that succeeded a value was changed on the way (`on_error`, `truncate`).
  std::uint64_t with_warnings = 0;

  /// How many have an outcome; equal to `read` when nothing was lost.
  std::uint64_t accounted() const { return succeeded + rejected + skipped + filtered; }
  /// Adds each count to its own.
  RecordCounts& operator+=(const RecordCounts& other);
  /// Equal when every count is.
  friend bool operator==(const RecordCounts&, const RecordCounts&) = default;
};

/// Rows as the destination reports them.
struct WrittenCounts {
  std::uint64_t inserted = 0;
  std::uint64_t updated = 0;
  /// Rows of a merge that had all their values already.
  std::uint64_t unchanged = 0;

  /// Adds each count to its own.
  WrittenCounts& operator+=(const WrittenCounts& other);
  /// Equal when every count is.
  friend bool operator==(const WrittenCounts&, const WrittenCounts&) = default;
};

/// One run over a job's records: the first over all of them, each other a replay.
struct JobPass {
  std::uint64_t number = 1;
  std::uint64_t records = 0;
  std::optional<Timestamp> started_at;
  std::optional<Timestamp> finished_at;
};

/// What a job waits for while it cannot go on.
struct WaitingOn {
  Code code = Code::destination_unavailable;
  std::string message;
  Timestamp since;
  Timestamp next_attempt_at;
};

/// One job as storage has it; a snapshot.
struct Job {
  JobId id;
  TenantId tenant_id;
  /// JobSpec::name.
  std::string name;
  JobStatus status = JobStatus::pending;
  int priority = 5;
  std::map<std::string, std::string> labels;
  /// The migration that works for it, or did last; nullopt for a job of its own.
  std::optional<MigrationId> migration_id;

  /// JobSpec::stored_json, identity and load_identity of the spec it was submitted with.
  std::string spec;
  std::string identity;
  std::string load_identity;
  /// Source::fingerprint; empty until known and for sources that have none.
  std::string fingerprint;
  /// Only nodes that offer this affinity claim its work; empty for any node.
  std::string node_affinity;

  /// What the planner has found so far; final when `planned`.
  bool planned = false;
  /// Records and raw bytes in the ranges that have been planned.
  std::uint64_t records_planned = 0;
  std::uint64_t bytes_planned = 0;
  /// The size of the source, when it knows it before it is read.
  std::optional<std::uint64_t> bytes_total;
  /// Source::count; nullopt: the planner's count stands for it.
  std::optional<std::uint64_t> source_count;
  /// False: planned while it was submitted, and JobStore::describe_job() is still to come.
  bool described = true;
  /// The destination's count before the first write.
  std::optional<std::uint64_t> destination_count_before;

  RecordCounts records;
  /// How many of the rejected a person has discarded.
  std::uint64_t records_discarded = 0;
  WrittenCounts written;
  std::uint64_t bytes_read = 0;
  std::uint64_t batches_total = 0;
  std::uint64_t batches_completed = 0;
  /// Given up: their records are pending, and the job ends `failed`.
  std::uint64_t batches_failed = 0;
  /// Attempts of batches that were answered, and those of them that were not the first.
  std::uint64_t batch_attempts = 0;
  std::uint64_t retries = 0;

  /// How many of the rejected only a foreign key refused; they will be tried again after the last
  /// batch. They are not lost yet: no limit should count them before that.
  std::uint64_t waiting_for_parents = 0;
  /// In their order, once there was a replay; without one the job itself is the only pass. Of more
  /// than a thousand the newest. Only from find_job().
  std::vector<JobPass> passes;

  std::optional<WaitingOn> waiting_on;
  /// Why it failed, or which limit paused it.
  std::optional<Failure> error;
  /// What ErrorLimits do not look at any more: the records that were read and rejected when the job
  /// was last resumed from such a limit, or retried.
  std::uint64_t limits_from_read = 0;
  std::uint64_t limits_from_rejected = 0;
  /// 1, and one more each time that a retry or a replay takes it up after it had ended.
  std::uint64_t run_number = 1;
  /// What the preparation and the finish warned of.
  std::vector<std::string> warnings;
  /// SourceDescription::fields; what the rejects of the job are split into.
  std::vector<std::string> source_fields;
  /// Fields that no column takes, and columns of the destination that the job does not fill.
  std::vector<std::string> unmapped_columns;
  std::vector<std::string> unfilled_columns;
  /// The section `reconciliation` of the report as JSON (render_reconciliation()); empty until the
  /// job has been reconciled.
  std::string reconciliation;

  /// Not to be begun before.
  std::optional<Timestamp> run_at;
  /// When it has run for too long; known once it has started.
  std::optional<Timestamp> deadline_at;
  Timestamp created_at;
  Timestamp updated_at;
  std::optional<Timestamp> started_at;
  std::optional<Timestamp> finished_at;
};

/// One batch as storage has it; a snapshot.
struct Batch {
  BatchId id;
  JobId job_id;
  /// The position among the job's batches, from 0, in source order for planned ones.
  std::uint64_t sequence = 0;
  BatchKind kind = BatchKind::planned;
  BatchStatus status = BatchStatus::ready;
  std::uint64_t first_ordinal = 0;
  std::uint64_t records = 0;
  std::uint64_t byte_offset = 0;
  std::uint64_t byte_length = 0;
  std::uint64_t first_line = 0;
  /// As BatchRange::locator.
  std::string locator;
  /// Those that were answered; an outage is none.
  std::uint32_t attempts = 0;
  RecordCounts counts;
  /// Why the last attempt failed, or the batch was given up.
  std::optional<Failure> error;
  std::optional<Timestamp> started_at;
  std::optional<Timestamp> finished_at;
};

/// What became of a dead letter. `replayed`: the record succeeded, was skipped or filtered in a
/// replay. `discarded`: a person said that it is not to be sent again.
enum class DeadLetterState { open, replayed, discarded };

/// The state's name, as storage, exports and REST have it.
std::string_view to_string(DeadLetterState state);
/// The state of that name; nullopt when there is none.
std::optional<DeadLetterState> parse_dead_letter_state(std::string_view name);

/// A rejected record that waits for a person.
struct DeadLetter {
  DeadLetterId id;
  JobId job_id;
  /// The planned batch that it belongs to.
  BatchId batch_id;
  std::uint64_t batch_sequence = 0;
  std::uint64_t ordinal = 0;
  std::uint64_t line = 0;
  std::uint64_t byte_offset = 0;
  std::uint64_t byte_length = 0;
  /// BatchRange::locator of the planned batch; see file_of_locator().
  std::string locator;
  /// The raw bytes as they stand in the source, up to 64 KiB; empty when not stored.
  std::string raw;
  /// Every error of the stage that rejected it, in field order; at least one.
  std::vector<RecordError> errors;
  /// The key's values as the source had them (JSON object); empty when unknown.
  std::string key_values;
  std::uint32_t attempts = 1;
  Timestamp first_at;
  Timestamp last_at;
  DeadLetterState state = DeadLetterState::open;
  /// It was replayed, and what comes of it is not known yet.
  bool in_replay = false;
  /// What the record held was erased (JobStore::erase()); it cannot be replayed.
  bool erased = false;
};

/// Rejects of one code and column, for summaries.
struct RejectGroup {
  Code code = Code::internal;
  std::string column;
  std::uint64_t count = 0;
  /// The one of the lowest ordinal.
  std::uint64_t example_line = 0;
  /// As DeadLetter::locator.
  std::string example_locator;
  std::optional<std::string> example_value;
  std::string example_message;
  /// What to do about it; empty when there is nothing to say.
  std::string example_hint;
};

/// @}

}  // namespace freight
