#include "storage/job_restart.hpp"

#include "database/query.hpp"
#include "storage/replay_batches.hpp"

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
constexpr std::string_view restart =
    "UPDATE freight.migration_jobs SET status = 'pending', updated_at = @now, finished_at = NULL,"
    " error = NULL, reconciliation = '', waiting_on = NULL, batches_failed = 0, parent_pass = 0,"
    " parent_landed = 0, deadline_at = NULL, limits_from_read = records_read,"
    " limits_from_rejected = records_rejected, batches_total = :batches_total,"
    " log_sequence = :log_sequence"
    " WHERE tenant_id = @uuid(:tenant) AND job_id = @uuid(:job)";

}  // namespace

std::vector<TaskQueue::Entry> ready_unfinished(Session& session, SqlText& sql,
                                               const LockedJob& job) {
  std::vector<TaskQueue::Entry> entries;
  auto entry = queue_entry(job, TaskKind::execute);
  std::string batch;
  Query unfinished(session, sql(select_unfinished));
  with_job(unfinished, job.key).into(batch).into(entry.sequence).into(entry.records);
  while (unfinished.next()) {
    entry.batch_id = BatchId::parse(batch).value_or(BatchId());
    entries.push_back(entry);
  }
  Query ready(session, sql(ready_batches));
  with_job(ready, job.key).execute();
  if (!job.planned) entries.push_back(queue_entry(job, TaskKind::plan));
  return entries;
}

void restart_job(Session& session, SqlText& sql, LockedJob& job) {
  job.status = JobStatus::pending;
  job.batches_failed = 0;
  job.parent_pass = 0;
  job.parent_landed = 0;
  Query update(session, sql(restart));
  with_job(update, job.key)
      .with("batches_total", job.batches_total)
      .with("log_sequence", job.log_sequence)
      .execute();
}

}  // namespace freight::storage
