#include "storage/jobs/sql_job_store.hpp"
#include "storage/log/dead_letter_writer.hpp"
#include "storage/replay/job_restart.hpp"
#include "storage/replay/replay_batches.hpp"
#include "storage/replay/restarted_jobs.hpp"

// The part of SqlJobStore that puts an ended job back to work.

namespace freight::storage {
namespace {

using database::Session;

bool has_completed(JobStatus status) {
  return status == JobStatus::completed || status == JobStatus::completed_with_errors;
}

RetryRefusal refusal_of(const LockedJob& job, bool takes_batches, bool takes_records) {
  if (!is_final(job.status)) return RetryRefusal::not_ended;
  if (takes_batches) return RetryRefusal::none;
  if (!takes_records) return RetryRefusal::nothing_to_retry;
  const bool complete = has_completed(job.status) || job.all_batches_done();
  return complete ? RetryRefusal::none : RetryRefusal::job_incomplete;
}

}  // namespace

RetryResult SqlJobStore::retry(const RetryRequest& request) {
  const JobKey key{request.tenant_id, request.job_id};
  return write(request.tenant_id, [&](Session& session, EventWriter& events) {
    auto job = lock_job(session, sql_, key);
    if (!job) throw Error(Code::not_found, "there is no job " + key.second.to_string());
    const bool takes_batches =
        request.scope != RetryScope::rejected_records && !has_completed(job->status);
    const bool takes_records = request.scope != RetryScope::failed_batches;
    RetryResult result{.refusal = refusal_of(*job, takes_batches, takes_records),
                       .status = job->status};
    if (result.refusal != RetryRefusal::none) return result;
    if (takes_batches) {
      take_back_completed(session, sql_, key);
      job = lock_job(session, sql_, key);
    }
    std::vector<TaskQueue::Entry> entries;
    ReplayBatches replayed;
    if (takes_records) {
      make_stubs(session, sql_, key, {}, std::nullopt);
      replayed = make_replay_batches(
          session, sql_, *job, {.max_records = request.max_records, .max_bytes = request.max_bytes},
          entries);
    }
    if (!takes_batches && replayed.records == 0) {
      result.refusal = RetryRefusal::nothing_to_retry;
      return result;
    }
    result.records_requeued = replayed.records;
    LogWriter log(session, sql_, events);
    if (replayed.records > 0) begin_replay_pass(session, sql_, *job, replayed, log);
    if (takes_batches) {
      // The new batches are among those that are not finished.
      entries = ready_unfinished(session, sql_, *job);
      result.batches_requeued = entries.size() - replayed.batches - (job->planned ? 0 : 1);
      log.add(*job, {.event = "job_requeued"});
    }
    log.flush();
    restart_job(session, sql_, *job);
    events.state(job->reference(), job->status);
    result.status = job->status;
    // With nothing left to plan or to write, only the end is left.
    if (entries.empty()) add_last_work(session, sql_, *job, entries);
    ShareChanges changes;
    queue_.add(session, entries, changes);
    queue_.apply(session, changes);
    return result;
  });
}

}  // namespace freight::storage
