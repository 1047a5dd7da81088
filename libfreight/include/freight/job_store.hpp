#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "freight/connector.hpp"
#include "freight/dead_letters.hpp"
#include "freight/events.hpp"
#include "freight/job.hpp"
#include "freight/job_queries.hpp"
#include "freight/job_retry.hpp"
#include "freight/record_log.hpp"

namespace freight {

struct NewJob {
  TenantId tenant_id;
  std::string name;
  int priority = 5;
  std::map<std::string, std::string> labels;
  std::string spec;
  std::string identity;
  std::string load_identity;
  std::string fingerprint;
  std::string node_affinity;
  /// Batches are written in source order: see JobStore::claim().
  bool ordered = false;
  /// When the job has failed nothing of it is left in the destination: see JobStore::retry().
  bool restarts = false;
  /// In the future: the job is `scheduled` until then.
  std::optional<Timestamp> run_at = {};
  /// From its start on; zero for none.
  std::chrono::seconds timeout{0};
};

/// One of several jobs that are submitted together.
struct JobSubmission {
  JobId id;
  NewJob job;
};

/// Makes a request known again, for seven days.
struct IdempotencyKey {
  /// 1 to 255 bytes.
  std::string key;
  /// A hash of all that was asked for.
  std::string request;
};

struct SubmitResult {
  /// The job of the first request with the key.
  JobId job_id;
  /// False: this was not the first.
  bool created = true;
  /// The first one asked for something else.
  bool conflict = false;
};

/// The answer to a request that a job be in another state.
struct StateChange {
  /// The job is as asked for, now or already (`changed` tells), or on its way (`cancelling`).
  bool accepted = false;
  bool changed = false;
  /// After the request.
  JobStatus status = JobStatus::pending;
};

/// Names a job in answers that speak of several.
struct JobReference {
  TenantId tenant_id;
  JobId job_id;

  friend auto operator<=>(const JobReference&, const JobReference&) = default;
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
  /// Of a batch that is not planned only the ordinal of its first record and their number; the
  /// records are list_replay_records().
  BatchRange range;
  /// NewJob::ordered.
  bool ordered = false;
};

struct NodeInfo {
  NodeId id;
  std::string host;
  std::int64_t process_id = 0;
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

struct RenewResult {
  /// Of the tokens: those that are not the node's any more.
  std::vector<LeaseToken> lost;
  /// Of jobs that are cancelling: stop them. Their leases are prolonged all the same.
  std::vector<LeaseToken> cancelling;
  /// Of jobs that are paused: hand back what has not been begun.
  std::vector<LeaseToken> paused;
};

/// What was done for jobs that nobody works for.
struct HousekeepingResult {
  /// Jobs that this call made `cancelled`: the nodes with their last batches died.
  std::vector<JobReference> cancelled;
  /// Running jobs whose deadline has passed. Somebody has to end them.
  std::vector<JobReference> timed_out;
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

struct ClaimRequest {
  NodeId node_id;
  /// Work of a job with another affinity than these (or none) is passed over.
  std::vector<std::string> affinities;
  /// Only this job's work; nullopt for any.
  std::optional<JobId> only_job;
  std::uint32_t max_execute = 0;
  /// For plan and finish together.
  std::uint32_t max_other = 0;
  /// Of one job whose batches are written in source order: no batch further than this behind its
  /// first unfinished one.
  std::uint32_t max_ordered = 8;
  std::chrono::milliseconds lease{5000};
};

/// A record that did not plainly succeed: a dead letter, a skip, or a success with a warning.
struct RecordException {
  Outcome outcome = Outcome::rejected;
  std::uint64_t ordinal = 0;
  std::uint64_t line = 0;
  std::uint64_t byte_offset = 0;
  std::uint64_t byte_length = 0;
  std::string raw;
  std::vector<RecordError> errors;
  std::string key_values;
};

/// A run of ordinals that all went one exceptional way (filtered), kept as one row.
struct OutcomeRange {
  Outcome outcome = Outcome::filtered;
  std::uint64_t first_ordinal = 0;
  std::uint64_t last_ordinal = 0;
};

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
  Timestamp started_at;
  /// ErrorSpec::max_stored of the job.
  std::uint64_t max_stored = 100'000;
};

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
  JobStatus status = JobStatus::completed;
  std::optional<Failure> error;
  /// Added to those that the job has.
  std::vector<std::string> warnings;
  /// Job::reconciliation.
  std::string reconciliation;
};

/// Jobs, batches, leases, outcomes and dead letters of all tenants.
///
/// Thread-safe. Every call is one transaction, committed when it returns, and costs a constant
/// number of statements whatever the number of items in it. Errors are thrown as Error: transient
/// (storage_unavailable, storage_busy) when the same call may be made again: calls are idempotent
/// unless they say otherwise. Ids of another tenant are not found. Leases and due times are
/// compared on the store's own clock.
class JobStore {
 public:
  virtual ~JobStore() = default;

  /// Writes the job, `pending`, with its plan task ready. Idempotent: the caller brings the id, and
  /// a job that is there already is left as it is. Throws not_found for a tenant that is unknown or
  /// deleted.
  virtual void submit(JobId id, const NewJob& job) = 0;
  /// As submit(), but only when `newest` is the tenant's newest job of that identity (nullopt: it
  /// has none); else false, and nothing is written. Of two callers at the same instant one gets
  /// false.
  virtual bool submit_after(JobId id, const NewJob& job, std::optional<JobId> newest) = 0;
  /// As submit() for up to 1000 jobs, all of them or none.
  virtual void submit_many(std::span<const JobSubmission> jobs) = 0;
  /// As submit() for the first request with the tenant's key; a second at the same instant waits
  /// for the first. `id` is taken only when the result says that it was created.
  virtual SubmitResult submit_once(JobId id, const NewJob& job, const IdempotencyKey& key) = 0;

  /// Nothing more of the job is claimed; what is leased may end. `reason`: the limit that was met;
  /// it becomes Job::error. Throws not_found.
  virtual StateChange pause(TenantId tenant_id, JobId job_id,
                            const std::optional<Failure>& reason) = 0;
  /// Of a job that a limit paused the limits begin anew: they look only at what comes from here on.
  /// Throws not_found.
  virtual StateChange resume(TenantId tenant_id, JobId job_id) = 0;
  /// `cancelled` at once when nothing of the job is leased by a node that is alive, else
  /// `cancelling` until the last lease has ended. Throws not_found.
  virtual StateChange cancel(TenantId tenant_id, JobId job_id) = 0;
  /// Makes a job that has ended unfindable; its rows stay. Throws not_found.
  virtual StateChange remove_job(TenantId tenant_id, JobId job_id) = 0;

  virtual std::optional<Job> find_job(TenantId tenant_id, JobId job_id) = 0;
  /// Throws invalid_value for a limit out of range and a cursor that is not of such a query.
  virtual JobPage list_jobs(TenantId tenant_id, const JobQuery& query) = 0;
  /// Newest first.
  virtual std::vector<Job> find_jobs_by_identity(TenantId tenant_id, std::string_view identity) = 0;

  /// Makes a node known and alive until remove_node() or until its process dies; with SQLite by a
  /// lock that the operating system frees, with PostgreSQL by its heartbeats.
  virtual void register_node(const NodeInfo& node) = 0;
  virtual void remove_node(NodeId node_id) = 0;
  /// True when a node that is alive holds a lease of the job.
  virtual bool is_running(TenantId tenant_id, JobId job_id) = 0;

  /// Leases work whose time has come, fairly over tenants, then by priority and age; work of nodes
  /// that are dead or whose lease ran out counts as ready. May return nothing.
  ///
  /// Of an ordered job a batch is leased only to the node that holds all its unfinished
  /// predecessors: while another node has one, or one waits for its retry, the job is passed over.
  virtual std::vector<Task> claim(const ClaimRequest& request) = 0;

  /// Prolongs the node's leases and says which are not its own any more or should not be gone on
  /// with.
  virtual RenewResult renew(const Heartbeat& heartbeat) = 0;

  /// What time or the death of a node brings about: scheduled jobs become pending, cancelling jobs
  /// whose leases have run out cancelled, old events and idempotency keys go. For every node, about
  /// once a second; costs little when there is nothing to do.
  virtual HousekeepingResult housekeep() = 0;
  /// Pending and running jobs whose node_affinity no node that is alive offers
  /// (Heartbeat::affinities); up to 1000.
  virtual std::vector<JobReference> list_unserved(const UnservedQuery& query) = 0;
  /// Writes what a job that has not ended waits for (Job::waiting_on); nullopt: for nothing any
  /// more. False, and nothing is written, when that is what it says already, or it has ended.
  /// Throws not_found.
  virtual bool note_waiting(TenantId tenant_id, JobId job_id,
                            const std::optional<Failure>& reason) = 0;

  /// Writes batch ranges and the planner's position; with `done` ends the plan task, and adds the
  /// finish task when no batch is left.
  virtual PlanResult append_plan(const PlanReport& report) = 0;

  /// Writes what became of n batches: facts, exceptions, log rows, counters; adds the finish task
  /// to a planned job whose last batch this was; and claims the next work, all in one transaction.
  virtual AcknowledgeResult acknowledge(std::span<const BatchReport> reports,
                                        const ClaimRequest& next) = 0;

  virtual TaskRetryResult retry_task(const TaskRetry& retry) = 0;

  /// Ends a job: its remaining tasks leave the queue, unfinished batches are `cancelled` (or stay
  /// `failed`). False when the lease was taken over or the job had ended already.
  virtual bool finish_job(const FinishReport& report) = 0;

  /// Puts an ended job back to `pending` with what the scope holds, all or nothing. Pending work of
  /// a failed or cancelled job: failed and cancelled batches are ready again, planning goes on
  /// where it stopped, and where neither is left the job is finished again. Its limits and its
  /// timeout begin anew. Of a job that restarts (NewJob::restarts) the completed batches are ready
  /// again as well, its counts begin anew, and its dead letters go. Of the same call twice the
  /// second finds the job at work. Throws not_found.
  virtual RetryResult retry(const RetryRequest& request) = 0;
  /// Makes a batch that was given up ready again; of a job that has failed, the job is `pending`
  /// again. Throws not_found.
  virtual BatchRetryResult retry_batch(TenantId tenant_id, BatchId batch_id) = 0;

  /// In sequence order.
  virtual std::vector<Batch> list_batches(TenantId tenant_id, JobId job_id,
                                          const BatchQuery& query) = 0;
  virtual std::optional<Batch> find_batch(TenantId tenant_id, BatchId batch_id) = 0;
  /// The sums over the job's completed batches, for the reconciliation; not the job's own counters.
  virtual RecordCounts sum_batches(TenantId tenant_id, JobId job_id) = 0;

  /// In ordinal order.
  virtual std::vector<DeadLetter> list_dead_letters(TenantId tenant_id, JobId job_id,
                                                    const DeadLetterQuery& query) = 0;
  virtual std::optional<DeadLetter> find_dead_letter(TenantId tenant_id, DeadLetterId id) = 0;
  /// What is rejected (open or discarded), by count, the most frequent first.
  virtual std::vector<RejectGroup> summarise_rejects(TenantId tenant_id, JobId job_id,
                                                     std::uint32_t limit) = 0;
  /// By code, column and state.
  virtual std::vector<DeadLetterCount> count_dead_letters(TenantId tenant_id, JobId job_id) = 0;
  /// Rejects of which only the number was kept, in ordinal order: those that end at or after
  /// `first_ordinal`.
  virtual std::vector<RejectRange> list_reject_ranges(TenantId tenant_id, JobId job_id,
                                                      std::uint64_t first_ordinal,
                                                      std::uint32_t limit) = 0;
  /// Marks open dead letters that are in no replay as discarded, and says how many. The records
  /// stay rejected. Ranges of rejects are not touched: they are nobody's to look at one by one.
  virtual std::uint64_t discard(TenantId tenant_id, JobId job_id,
                                const DeadLetterFilter& filter) = 0;

  /// Keeps corrections for a replay() that follows; the last of an ordinal stands. Those that no
  /// replay took within a day are dropped.
  virtual void stage_corrections(TenantId tenant_id, JobId job_id, ReplayId replay_id,
                                 std::span<const Correction> corrections) = 0;
  /// Puts an ended job back to `pending` with its open dead letters (or some of them) in batches of
  /// kind `replay`, and what is pending of a failed or cancelled one as well; all or nothing. Not
  /// idempotent by itself: of the same call twice the second finds the job at work.
  virtual ReplayResult replay(const ReplayRequest& request) = 0;
  /// What a batch that is not planned is made of; empty when that is over.
  virtual ReplayBatch list_replay_records(TenantId tenant_id, JobId job_id,
                                          std::uint64_t sequence) = 0;

  /// In the order of the log, which is the order of commits within the job. Successes are kept as
  /// ranges and given one by one; a page costs what is on it, however many records the job has.
  virtual std::vector<LogEntry> list_log(TenantId tenant_id, JobId job_id,
                                         const LogQuery& query) = 0;
  /// What became of one record, by look-ups in indexes; nullopt when none was planned under that
  /// ordinal.
  virtual std::optional<RecordFate> find_record(TenantId tenant_id, JobId job_id,
                                                std::uint64_t ordinal) = 0;
  /// The ordinals of the records of that key (key_text()), ascending. Only those have one that were
  /// rejected, skipped, changed or replayed: of a plain success no key is kept.
  virtual std::vector<std::uint64_t> find_ordinals(TenantId tenant_id, JobId job_id,
                                                   std::string_view key, std::uint32_t limit) = 0;

  /// nullopt when there is no such job.
  virtual std::optional<RetryStatus> retry_status(TenantId tenant_id, JobId job_id) = 0;
  /// Of all tenants without one.
  virtual QueueStatistics queue_statistics(std::optional<TenantId> tenant_id) = 0;
  virtual std::vector<NodeStatus> list_nodes() = 0;
  virtual TenantUsage usage(TenantId tenant_id) = 0;

  /// In sequence order. The newest hundred thousand of a tenant are kept, for seven days.
  virtual std::vector<Event> list_events(TenantId tenant_id, const EventQuery& query) = 0;
  /// `sink` gets all events that this object commits, after the commit, until unsubscribe() has
  /// returned.
  virtual void subscribe(EventSink& sink) = 0;
  virtual void unsubscribe(EventSink& sink) = 0;
};

}  // namespace freight
