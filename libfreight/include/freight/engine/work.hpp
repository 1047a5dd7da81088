#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "freight/error.hpp"
#include "freight/ids.hpp"
#include "freight/job.hpp"
#include "freight/job_submission.hpp"
#include "freight/record.hpp"
#include "freight/source.hpp"
#include "freight/time.hpp"

// What goes to WorkStore and comes from it while jobs are worked for. For storage backends.

namespace freight {

/// @addtogroup storages
/// @{

/// What is found out about a job's connectors before its first write, and is known to a plan task
/// only: see WorkStore::describe_job().
struct JobDescription {
  std::optional<std::uint64_t> destination_count_before = {};
  std::vector<std::string> warnings = {};
  std::vector<std::string> source_fields = {};
  std::vector<std::string> unmapped_columns = {};
  std::vector<std::string> unfilled_columns = {};
};

/// The three kinds of work that are claimed, leased and fenced alike.
enum class TaskKind : std::uint8_t { plan, execute, finish };

/// One piece of work under a lease.
struct Task {
  TaskKind kind = TaskKind::execute;
  LeaseToken token;
  TenantId tenant_id;
  JobId job_id;
  /// 1 for the first attempt; attempts that met an outage do not count.
  std::uint32_t attempt = 1;
  /// When the first attempt began; for the retry policy.
  Timestamp first_attempt_at;
  /// plan: where the planner stands; empty at the beginning.
  std::string plan_position;
  /// execute:
  BatchId batch_id;
  std::uint64_t sequence = 0;
  BatchKind batch_kind = BatchKind::planned;
  /// For a batch that is not planned this says only the ordinal of its first record and their
  /// number; list_replay_records() gives the records.
  BatchRange range;
  /// NewJob::ordered.
  bool ordered = false;
  /// execute: the job as the claim left it, where a store finds it cheap to say so; nullptr
  /// otherwise. Only of a job that has just this batch, so that nobody else changes it.
  std::shared_ptr<const Job> job;
};

/// One process that works for jobs, as it introduces itself.
struct NodeInfo {
  NodeId id;
  std::string host;
  /// The operating system's number of the process; for people.
  std::int64_t process_id = 0;
  /// How many batches it runs at a time.
  std::uint32_t workers = 0;
};

/// A node's sign of life.
struct Heartbeat {
  NodeId node_id;
  /// All that it holds.
  std::span<const LeaseToken> tokens;
  std::chrono::milliseconds lease{5000};
  /// Since it was registered.
  std::uint64_t batches_processed = 0;
  std::uint64_t records_processed = 0;
  /// What it offers: ClaimRequest::affinities.
  std::vector<std::string> affinities = {};
};

/// What a node learns with its heartbeat.
struct RenewResult {
  /// The tokens that are not the node's any more.
  std::vector<LeaseToken> lost;
  /// The tokens of jobs that are cancelling: stop them. Their leases are prolonged all the same.
  std::vector<LeaseToken> cancelling;
  /// The tokens of jobs that are paused: hand back what has not been begun.
  std::vector<LeaseToken> paused;
};

/// What was done for jobs that nobody works for.
struct HousekeepingResult {
  /// Jobs that this call made `cancelled`: the nodes with their last batches died.
  std::vector<JobReference> cancelled;
  /// Running jobs whose deadline has passed. Somebody has to end them.
  std::vector<JobReference> timed_out;
  /// How far the storage's clock went back, at least, since somebody claimed or gave a sign of
  /// life. What was waiting for a time that it had now waits from now on.
  std::optional<std::chrono::microseconds> clock_step_back = {};
};

/// Which jobs to look for that no node can work for.
struct UnservedQuery {
  /// How their node_affinity begins.
  std::string affinity_prefix;
  /// Those that say this already (WaitingOn::code) are left out.
  Code said = Code::internal;
  /// Since the job was last changed; longer than nodes take from heartbeat to heartbeat.
  std::chrono::milliseconds unchanged_for{5000};
};

/// What a node asks for.
struct ClaimRequest {
  NodeId node_id;
  /// Work of a job with another affinity than these (or none) is passed over.
  std::vector<std::string> affinities;
  /// Only this job's work; nullopt for any.
  std::optional<JobId> only_job;
  /// Only the work of this migration's jobs; nullopt for any.
  std::optional<MigrationReference> only_migration = {};
  /// How many batches at the most; 0 for none.
  std::uint32_t max_execute = 0;
  /// For plan and finish together.
  std::uint32_t max_other = 0;
  /// No batch is claimed that stands further than this behind the first unfinished one of a job
  /// whose batches are written in source order.
  std::uint32_t max_ordered = 8;
  std::chrono::milliseconds lease{5000};
};

/// How the attempt at a batch ended.
enum class TaskVerdict : std::uint8_t {
  completed,  ///< execute: the counts and exceptions are final
  retry,      ///< back to ready at `retry_in`
  release,    ///< handed back untouched, ready at `retry_in`; neither attempt nor failure, no log
  failed,     ///< given up: records stay pending, the job goes on and ends `failed`
};

/// What became of one execute task. Fenced: with a token that is no longer the lease's it changes
/// nothing.
struct BatchReport {
  LeaseToken token;
  TenantId tenant_id;
  JobId job_id;
  BatchId batch_id;
  TaskVerdict verdict = TaskVerdict::completed;
  RecordCounts counts;
  WrittenCounts written;
  std::uint64_t bytes_read = 0;
  std::vector<RecordException> exceptions;
  std::vector<OutcomeRange> ranges;
  /// retry and failed: why.
  std::optional<Failure> failure;
  std::chrono::milliseconds retry_in{0};
  /// False for an outage: the attempt is not counted and the job says what it waits for
  /// (Job::waiting_on). Of several in a row `since` is the first one's; a completed batch or a
  /// chunk of the plan clears it.
  bool counted = true;
  /// When the attempt that completed it began; the epoch stands for none.
  Timestamp started_at;
  /// ErrorLimits::max_stored of the job.
  std::uint64_t max_stored = 100'000;
};

/// What a node learns when it has told what became of its batches.
struct AcknowledgeResult {
  /// Tokens whose lease had been taken over: their reports changed nothing.
  std::vector<LeaseToken> lost;
  std::vector<Task> claimed;
  /// Jobs that were cancelling and of which these were the last batches.
  std::vector<JobReference> cancelled;
};

/// What planning found; one chunk of it.
struct PlanReport {
  LeaseToken token;
  TenantId tenant_id;
  JobId job_id;
  std::vector<BatchRange> ranges;
  std::string position;
  bool done = false;
  /// Set once, with the first chunk; nullopt leaves what is there.
  std::optional<std::string> fingerprint;
  std::optional<std::uint64_t> bytes_total;
  std::optional<std::uint64_t> source_count;
  std::optional<std::uint64_t> destination_count_before;
  std::optional<std::vector<std::string>> warnings;
  std::optional<std::vector<std::string>> source_fields;
  std::optional<std::vector<std::string>> unmapped_columns;
  std::optional<std::vector<std::string>> unfilled_columns;
  /// Keep the lease for the next chunk; false hands the task back, ready again after `resume_in`.
  bool keep_lease = true;
  std::chrono::milliseconds resume_in{0};
};

/// What a planner learns when a chunk was written.
struct PlanResult {
  /// The lease was taken over; nothing was written.
  bool lost = false;
  /// Batches of the job that are ready or leased: for the look-ahead.
  std::uint64_t batches_queued = 0;
  /// The job is paused: the chunk was written, and the task handed back.
  bool paused = false;
  /// The job is cancelling: nothing was written, the task is to be handed back.
  bool cancelling = false;
};

/// Hands a plan or finish task back.
struct TaskRetry {
  LeaseToken token;
  TenantId tenant_id;
  JobId job_id;
  /// nullopt: untouched, as TaskVerdict::release.
  std::optional<Failure> failure = {};
  std::chrono::milliseconds retry_in{0};
  /// As in BatchReport.
  bool counted = true;
};

/// What a node learns when it hands a task back.
struct TaskRetryResult {
  /// The lease was taken over; nothing was written.
  bool lost = false;
  /// The job was cancelling and this was its last task: it is `cancelled` now.
  bool cancelled = false;
};

/// The end of a job.
struct FinishReport {
  /// The token of the task, of any kind, that ends the job; nullopt when it is ended from outside
  /// any task, unless it has ended already.
  std::optional<LeaseToken> token;
  TenantId tenant_id;
  JobId job_id;
  /// A report without a token ends the run with this Job::run_number, and no later one.
  std::uint64_t run_number = 1;
  JobStatus status = JobStatus::completed;
  std::optional<Failure> error;
  /// Added to those that the job has.
  std::vector<std::string> warnings;
  /// Job::reconciliation.
  std::string reconciliation;
};

/// @}

}  // namespace freight
