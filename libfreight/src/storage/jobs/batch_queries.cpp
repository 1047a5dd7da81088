#include "database/query.hpp"
#include "storage/jobs/batch_rows.hpp"
#include "storage/jobs/sql_job_store.hpp"

// The part of SqlJobStore that looks at batches, and retries one of them.

namespace freight::storage {
namespace {

using database::Query;
using database::Session;

constexpr std::string_view batches_of_job =
    " WHERE b.tenant_id = @uuid(:tenant) AND b.job_id = @uuid(:job) AND b.sequence >= :first";
// That a batch is leased stands in the queue only.
constexpr std::string_view with_status =
    " AND CASE WHEN b.status = 'ready' AND q.lease_token IS NOT NULL THEN 'leased' ELSE b.status"
    " END IN (SELECT r.status FROM @rows(:statuses r, status text))";
constexpr std::string_view in_sequence = " ORDER BY b.sequence LIMIT :limit";
constexpr std::string_view of_batch_id =
    " JOIN freight.migration_jobs AS j ON j.tenant_id = b.tenant_id AND j.job_id = b.job_id"
    " WHERE b.tenant_id = @uuid(:tenant) AND b.batch_id = @uuid(:batch) AND j.deleted_at IS NULL";
constexpr std::string_view ready_batch =
    "UPDATE freight.migration_batches SET status = 'ready', error = NULL, finished_at = NULL"
    " WHERE tenant_id = @uuid(:tenant) AND job_id = @uuid(:job) AND sequence = :sequence";
constexpr std::string_view reopen_job =
    "UPDATE freight.migration_jobs SET status = :status, updated_at = @now, finished_at = NULL,"
    " error = CASE WHEN :anew = 1 THEN NULL ELSE error END, reconciliation = '',"
    " batches_failed = batches_failed - 1, log_sequence = :log_sequence,"
    " deadline_at = CASE WHEN :anew = 1 THEN NULL ELSE deadline_at END"
    " WHERE tenant_id = @uuid(:tenant) AND job_id = @uuid(:job)";
constexpr std::string_view count_finish =
    "SELECT count(*), count(lease_token) FROM freight.batch_queue"
    " WHERE tenant_id = @uuid(:tenant) AND job_id = @uuid(:job) AND kind = 'finish'";

std::optional<Batch> find(Session& session, SqlText& sql, TenantId tenant_id, BatchId batch_id) {
  BatchRow row;
  Query query(session, sql(select_batch) + sql(of_batch_id));
  query.with("tenant", tenant_id.to_string()).with("batch", batch_id.to_string());
  row.bind(query);
  if (!query.next()) return std::nullopt;
  return row.batch();
}

BatchRetryRefusal refusal_of(const Batch& batch, const LockedJob& job,
                             std::uint64_t finish_leased) {
  if (batch.status != BatchStatus::failed) return BatchRetryRefusal::not_failed;
  if (is_final(job.status) && (job.status != JobStatus::failed || !job.all_batches_done())) {
    return BatchRetryRefusal::job_incomplete;
  }
  if (job.status == JobStatus::cancelling || finish_leased > 0) {
    return BatchRetryRefusal::job_ending;
  }
  return BatchRetryRefusal::none;
}

}  // namespace

std::vector<Batch> SqlJobStore::list_batches(TenantId tenant_id, JobId job_id,
                                             const BatchQuery& query) {
  return connections_.read(tenant_id, [&](Session& session) {
    std::vector<Batch> batches;
    std::string text = sql_(select_batch) + sql_(batches_of_job);
    if (!query.statuses.empty()) text += sql_(with_status);
    text += sql_(in_sequence);
    Query statement(session, text);
    statement.with("tenant", tenant_id.to_string())
        .with("job", job_id.to_string())
        .with("first", query.first_sequence)
        .with("limit", query.limit);
    if (!query.statuses.empty()) {
      JsonRows rows;
      for (const auto status : query.statuses) {
        rows.begin_row();
        rows.add("status", to_string(status));
      }
      statement.with("statuses", rows.take());
    }
    BatchRow row;
    row.bind(statement);
    while (statement.next()) batches.push_back(row.batch());
    return batches;
  });
}

std::optional<Batch> SqlJobStore::find_batch(TenantId tenant_id, BatchId batch_id) {
  return connections_.read(
      tenant_id, [&](Session& session) { return find(session, sql_, tenant_id, batch_id); });
}

BatchRetryResult SqlJobStore::retry_batch(TenantId tenant_id, BatchId batch_id) {
  return write(tenant_id, [&](Session& session, EventWriter& events) {
    const auto seen = find(session, sql_, tenant_id, batch_id);
    auto job = seen ? lock_job(session, sql_, {tenant_id, seen->job_id}) : std::nullopt;
    if (!job) throw Error(Code::not_found, "there is no batch " + batch_id.to_string());
    // What is seen under the job's lock holds.
    const auto batch = find(session, sql_, tenant_id, batch_id).value_or(*seen);
    std::uint64_t finishes = 0;
    std::uint64_t finishes_leased = 0;
    {
      Query query(session, sql_(count_finish));
      query.with("tenant", tenant_id.to_string()).with("job", batch.job_id.to_string());
      query.into(finishes).into(finishes_leased).next();
    }
    BatchRetryResult result{.refusal = refusal_of(batch, *job, finishes_leased),
                            .batch_status = batch.status,
                            .job_id = batch.job_id,
                            .job_status = job->status};
    if (result.refusal != BatchRetryRefusal::none) return result;

    ShareChanges changes;
    const TaskQueue::Key finish{tenant_id, batch.job_id, TaskKind::finish, BatchId()};
    if (finishes > 0) queue_.remove(session, {&finish, 1}, changes);
    Query(session, sql_(ready_batch))
        .with("tenant", tenant_id.to_string())
        .with("job", batch.job_id.to_string())
        .with("sequence", batch.sequence)
        .execute();
    const bool ended = is_final(job->status);
    if (ended) job->status = JobStatus::pending;
    LogWriter log(session, sql_, events);
    log.add(*job, {.event = "batch_requeued", .batch_sequence = batch.sequence});
    log.flush();
    if (ended) events.state(job->reference(), job->status);
    Query(session, sql_(reopen_job))
        .with("status", std::string(to_string(job->status)))
        .with("log_sequence", job->log_sequence)
        .with("anew", ended ? 1 : 0)
        .with("tenant", tenant_id.to_string())
        .with("job", batch.job_id.to_string())
        .execute();
    const TaskQueue::Entry entry{.tenant_id = tenant_id,
                                 .job_id = batch.job_id,
                                 .kind = TaskKind::execute,
                                 .batch_id = batch_id,
                                 .priority = job->priority,
                                 .sequence = batch.sequence,
                                 .records = batch.records,
                                 .node_affinity = job->node_affinity,
                                 .held = job->is_held()};
    queue_.add(session, {&entry, 1}, changes);
    queue_.apply(session, changes);
    result.batch_status = BatchStatus::ready;
    result.job_status = job->status;
    return result;
  });
}

}  // namespace freight::storage
