#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "freight/dead_letters.hpp"
#include "freight/events.hpp"
#include "freight/job.hpp"
#include "freight/job_queries.hpp"
#include "freight/job_retry.hpp"
#include "freight/job_submission.hpp"
#include "freight/record_log.hpp"

namespace freight {

/// @addtogroup asking
/// @{

/// Jobs, batches, outcomes and dead letters of all tenants: what people and services ask. What
/// engines do with the same storage is WorkStore.
///
/// Thread-safe. Every call is one transaction, committed when it returns, and costs a constant
/// number of statements whatever the number of items in it. Errors are thrown as Error: transient
/// (storage_unavailable, storage_busy) when the same call may be made again: calls are idempotent
/// unless they say otherwise. Ids of another tenant are not found. Leases and due times are
/// compared on the store's own clock.
class JobStore {
 public:
  virtual ~JobStore() = default;

  /// Writes the job, `pending`, with its plan task ready, or its only batch when the plan comes
  /// with it (NewJob::plan). Idempotent: the caller brings the id, and a job that is there already
  /// is left as it is. Throws not_found for a tenant that is unknown or deleted.
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

  /// The job of an earlier submit_once() with that key; nullopt when there was none in seven days.
  virtual std::optional<JobId> find_submitted(TenantId tenant_id, std::string_view key) = 0;

  /// Nothing more of the job is claimed; what is leased may end. `reason`: the limit that was met;
  /// it becomes Job::error. Throws not_found.
  virtual StateChange pause(TenantId tenant_id, JobId job_id,
                            const std::optional<Failure>& reason) = 0;
  /// The limits of a job that they paused begin anew: they look only at what comes from here on.
  /// Throws not_found.
  virtual StateChange resume(TenantId tenant_id, JobId job_id) = 0;
  /// `cancelled` at once when nothing of the job is leased by a node that is alive, else
  /// `cancelling` until the last lease has ended. Throws not_found.
  virtual StateChange cancel(TenantId tenant_id, JobId job_id) = 0;
  /// Makes the job one of the migration's, whoever submitted it. Throws not_found.
  virtual void adopt(TenantId tenant_id, JobId job_id, MigrationId migration_id) = 0;
  /// Makes a job that has ended unfindable; its rows stay. Throws not_found.
  virtual StateChange remove_job(TenantId tenant_id, JobId job_id) = 0;

  /// A snapshot; nullopt when the tenant has no such job, or it was removed.
  virtual std::optional<Job> find_job(TenantId tenant_id, JobId job_id) = 0;
  /// Throws invalid_value for a limit out of range and a cursor that is not of such a query.
  virtual JobPage list_jobs(TenantId tenant_id, const JobQuery& query) = 0;
  /// Newest first.
  virtual std::vector<Job> find_jobs_by_identity(TenantId tenant_id, std::string_view identity) = 0;

  /// True when a node that is alive holds a lease of the job.
  virtual bool is_running(TenantId tenant_id, JobId job_id) = 0;

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
  /// A snapshot; nullopt when the tenant has no such batch.
  virtual std::optional<Batch> find_batch(TenantId tenant_id, BatchId batch_id) = 0;

  /// In ordinal order.
  virtual std::vector<DeadLetter> list_dead_letters(TenantId tenant_id, JobId job_id,
                                                    const DeadLetterQuery& query) = 0;
  /// nullopt when the tenant has no such dead letter.
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
  /// Counts all tenants' work when it is given none.
  virtual QueueStatistics queue_statistics(std::optional<TenantId> tenant_id) = 0;
  /// The nodes that were registered and not removed; one that is lost is listed for a day.
  virtual std::vector<NodeStatus> list_nodes() = 0;
  /// All zero for a tenant that is unknown.
  virtual TenantUsage usage(TenantId tenant_id) = 0;

  /// Forgets what is kept of single records, in jobs that have ended, removed ones too: raw texts,
  /// keys, values, corrections, and messages that may quote them. Counts, ordinals and codes stay;
  /// what is erased cannot be replayed. Changes as many records as Erasure::limit says; to be
  /// called again until it finds none.
  virtual ErasureResult erase(const Erasure& erasure) = 0;

  /// Forgets what the rejected records of jobs held that ended before `before`: their raw texts,
  /// keys and values; codes and columns stay. How many were changed, at most `limit`.
  virtual std::uint64_t prune_rejects(Timestamp before, std::uint32_t limit) = 0;
  /// Deletes jobs that ended before `before`, with all that belongs to them, for good. How many, at
  /// most `limit`.
  virtual std::uint64_t prune_jobs(Timestamp before, std::uint32_t limit) = 0;

  /// In sequence order. The newest hundred thousand of a tenant are kept, for seven days.
  virtual std::vector<Event> list_events(TenantId tenant_id, const EventQuery& query) = 0;
  /// The sequence of the tenant's newest event; 0 when there is none.
  virtual std::uint64_t last_event(TenantId tenant_id) = 0;
  /// `sink` gets all events that this object commits, after the commit, until unsubscribe() has
  /// returned.
  virtual void subscribe(EventSink& sink) = 0;
  /// When it returns the sink is not called any more, and may be destroyed. Not to be called from
  /// within EventSink::event().
  virtual void unsubscribe(EventSink& sink) = 0;
};

/// @}

}  // namespace freight
