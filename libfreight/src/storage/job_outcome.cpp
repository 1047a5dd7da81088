#include <algorithm>

#include "database/query.hpp"
#include "storage/acknowledgement.hpp"
#include "storage/job_ending.hpp"
#include "storage/restarted_jobs.hpp"
#include "storage/sql_job_store.hpp"
#include "storage/value_texts.hpp"

// The part of SqlJobStore that writes what became of work: acknowledge, finish, requeue.

namespace freight::storage {
namespace {

using database::Query;
using database::Session;

constexpr std::string_view select_unfinished =
    "SELECT batch_id, sequence, records FROM freight.migration_batches"
    " WHERE tenant_id = @uuid(:tenant) AND job_id = @uuid(:job)"
    " AND status IN ('ready', 'failed', 'cancelled') ORDER BY sequence";
constexpr std::string_view ready_batches =
    "UPDATE freight.migration_batches SET status = 'ready', error = NULL, finished_at = NULL"
    " WHERE tenant_id = @uuid(:tenant) AND job_id = @uuid(:job)"
    " AND status IN ('ready', 'failed', 'cancelled')";
constexpr std::string_view restart_job =
    "UPDATE freight.migration_jobs SET status = 'pending', updated_at = @now, finished_at = NULL,"
    " error = NULL, reconciliation = '', waiting_on = NULL, batches_failed = 0,"
    " deadline_at = NULL, limits_from_read = records_read, limits_from_rejected = records_rejected,"
    " log_sequence = :log_sequence WHERE tenant_id = @uuid(:tenant) AND job_id = @uuid(:job)";

bool adds_work(const ShareChanges& changes) {
  return std::any_of(changes.begin(), changes.end(), [](const auto& change) {
    return change.second.queued_execute > 0 || change.second.queued_other > 0;
  });
}

Query& with_job(Query& query, const JobKey& key) {
  return query.with("tenant", key.first.to_string()).with("job", key.second.to_string());
}

void run(Session& session, const std::string& sql, const JobKey& key) {
  Query query(session, sql);
  with_job(query, key).execute();
}

}  // namespace

AcknowledgeResult SqlJobStore::acknowledge(std::span<const BatchReport> reports,
                                           const ClaimRequest& next) {
  TaskQueue::NodeCleanup cleanup;
  auto result = write([&](Session& session, EventWriter& events) {
    AcknowledgeResult answer;
    ShareChanges changes;
    cleanup = {};
    Acknowledgement acknowledgement(session, sql_, queue_, events);
    answer.lost = acknowledgement.begin(reports);
    answer.cancelled = acknowledgement.write(changes);
    if (adds_work(changes)) {
      // Claiming rests on the shares: a finish that was added just now must be in them.
      queue_.apply(session, changes);
      changes.clear();
    }
    answer.claimed = queue_.claim(session, next, changes, cleanup, events);
    queue_.apply(session, changes);
    return answer;
  });
  forget_nodes(cleanup);
  return result;
}

bool SqlJobStore::finish_job(const FinishReport& report) {
  const JobKey key{report.tenant_id, report.job_id};
  return write([&](Session& session, EventWriter& events) {
    auto job = lock_job(session, sql_, key);
    if (!job || is_final(job->status)) return false;
    if (report.token && !queue_.holds_lease(session, key.first, key.second, *report.token)) {
      return false;
    }
    if (!can_transition(job->status, report.status)) {
      throw Error(Code::invalid_state,
                  "job " + key.second.to_string() + " is " + std::string(to_string(job->status)) +
                      " and cannot become " + std::string(to_string(report.status)));
    }
    ShareChanges changes;
    JobEnding(session, sql_, queue_, events)
        .end(*job,
             {.status = report.status,
              .error = report.error,
              .warnings = report.warnings,
              .reconciliation = report.reconciliation},
             changes);
    queue_.apply(session, changes);
    return true;
  });
}

RequeueResult SqlJobStore::requeue(TenantId tenant_id, JobId job_id) {
  const JobKey key{tenant_id, job_id};
  return write([&](Session& session, EventWriter& events) {
    auto job = lock_job(session, sql_, key);
    if (!job || (job->status != JobStatus::failed && job->status != JobStatus::cancelled)) {
      return RequeueResult{};
    }
    take_back_completed(session, sql_, key);
    TaskQueue::Entry entry{.tenant_id = tenant_id,
                           .job_id = job_id,
                           .kind = TaskKind::execute,
                           .batch_id = {},
                           .priority = job->priority,
                           .node_affinity = job->node_affinity};
    std::vector<TaskQueue::Entry> entries;
    std::string batch;
    Query unfinished(session, sql_(select_unfinished));
    with_job(unfinished, key).into(batch).into(entry.sequence).into(entry.records);
    while (unfinished.next()) {
      entry.batch_id = BatchId::parse(batch).value_or(BatchId());
      entries.push_back(entry);
    }
    const RequeueResult result{.requeued = true, .batches = entries.size()};
    run(session, sql_(ready_batches), key);
    // Planning goes on at its position; with nothing left to plan or to write, only the end is
    // left.
    entry.batch_id = BatchId();
    entry.sequence = 0;
    entry.records = 0;
    if (!job->planned || entries.empty()) {
      entry.kind = job->planned ? TaskKind::finish : TaskKind::plan;
      entries.push_back(entry);
    }
    job->status = JobStatus::pending;
    LogWriter log(session, sql_, events);
    log.add(*job, {.event = "job_requeued"});
    log.flush();
    events.state(job->reference(), job->status);
    Query update(session, sql_(restart_job));
    update.with("log_sequence", job->log_sequence);
    with_job(update, key).execute();
    ShareChanges changes;
    queue_.add(session, entries, changes);
    queue_.apply(session, changes);
    return result;
  });
}

}  // namespace freight::storage
