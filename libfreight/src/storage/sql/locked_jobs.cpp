#include "storage/sql/locked_jobs.hpp"

#include "core/unless_empty.hpp"
#include "storage/sql/value_texts.hpp"

namespace freight::storage {
namespace {

using database::Query;
using database::Session;

constexpr std::string_view select_locked =
    "SELECT j.tenant_id, j.job_id, j.status, j.priority, j.node_affinity, j.plan_position, "
    "j.planned,"
    " j.records_planned, j.records_read, j.records_succeeded, j.records_rejected,"
    " j.records_skipped, j.records_filtered, j.records_with_warnings, j.bytes_read,"
    " j.batches_total, j.batches_completed, j.batches_failed, j.waiting_on,"
    " j.log_sequence, j.run_at, j.progress_at, j.dead_letters_stored, j.waiting_for_parents,"
    " j.parent_pass, j.parent_landed, j.run_number, @now"
    " FROM @rows(:rows r, tenant_id uuid, job_id uuid)"
    " JOIN freight.migration_jobs AS j ON j.tenant_id = r.tenant_id AND j.job_id = r.job_id"
    " WHERE j.deleted_at IS NULL ORDER BY j.tenant_id, j.job_id@pg{ FOR UPDATE OF j}";
constexpr std::string_view insert_log_rows =
    "INSERT INTO freight.migration_logs (tenant_id, job_id, log_sequence, logged_at, event,"
    " batch_sequence, attempt, first_ordinal, last_ordinal, outcome, code, column_name, key_values,"
    " key_text, detail)"
    " SELECT r.tenant_id, r.job_id, r.log_sequence, @now, r.event, r.batch_sequence, r.attempt,"
    " r.first_ordinal, r.last_ordinal, r.outcome, r.code, r.column_name, r.key_values,"
    " r.key_text, r.detail"
    " FROM @rows(:rows r, tenant_id uuid, job_id uuid, log_sequence bigint, event text,"
    " batch_sequence bigint, attempt bigint, first_ordinal bigint, last_ordinal bigint, outcome "
    "text,"
    " code text, column_name text, key_values text, key_text text, detail text)";

}  // namespace

Query& with_job(Query& query, const JobKey& key) {
  return query.with("tenant", key.first.to_string()).with("job", key.second.to_string());
}

LockedJobs lock_jobs(Session& session, SqlText& sql, JsonRows& rows) {
  LockedJobs jobs;
  LockedJob job;
  std::string tenant;
  std::string id;
  std::string status;
  Query query(session, sql(select_locked));
  query.with("rows", rows.take()).into(tenant).into(id).into(status).into(job.priority);
  query.into(job.node_affinity).into(job.plan_position).into(job.planned);
  auto& records = job.records;
  query.into(job.records_planned).into(records.read).into(records.succeeded);
  query.into(records.rejected).into(records.skipped).into(records.filtered);
  query.into(records.with_warnings).into(job.bytes_read);
  query.into(job.batches_total).into(job.batches_completed);
  query.into(job.batches_failed).into(job.waiting_on).into(job.log_sequence);
  query.into(job.run_at).into(job.progress_at);
  query.into(job.dead_letters_stored).into(job.waiting_for_parents).into(job.parent_pass);
  query.into(job.parent_landed).into(job.run_number).into(job.now);
  while (query.next()) {
    job.key = {TenantId::parse(tenant).value_or(TenantId()), JobId::parse(id).value_or(JobId())};
    job.status = parse_job_status(status).value_or(JobStatus::failed);
    jobs.emplace(job.key, job);
  }
  return jobs;
}

std::optional<LockedJob> lock_job(Session& session, SqlText& sql, const JobKey& key) {
  JsonRows rows;
  rows.begin_row();
  rows.add("tenant_id", key.first).add("job_id", key.second);
  auto jobs = lock_jobs(session, sql, rows);
  if (jobs.empty()) return std::nullopt;
  return std::move(jobs.begin()->second);
}

void LogWriter::add(LockedJob& job, const Entry& entry) {
  rows_.begin_row();
  rows_.add("tenant_id", job.key.first)
      .add("job_id", job.key.second)
      .add("log_sequence", ++job.log_sequence)
      .add("event", entry.event)
      .add("batch_sequence", entry.batch_sequence)
      .add("attempt", entry.attempt)
      .add("first_ordinal", entry.first_ordinal)
      .add("last_ordinal", entry.last_ordinal)
      .add("column_name", core::unless_empty(entry.column_name))
      .add("key_values", core::unless_empty(entry.key_values))
      .add("key_text", core::unless_empty(key_text(entry.key_values)))
      .add("detail", core::unless_empty(entry.detail));
  if (entry.outcome) rows_.add("outcome", to_string(*entry.outcome));
  if (entry.code) rows_.add("code", to_string(*entry.code));
  if (rows_.bytes() > max_rows_bytes) flush();
  if (entry.event != "record" && entry.event != "records") {
    events_.log(job.reference(), job.log_sequence, entry.event, entry.batch_sequence, entry.attempt,
                entry.code);
  }
}

void LogWriter::flush() {
  if (rows_.empty()) return;
  Query(session_, sql_(insert_log_rows)).with("rows", rows_.take()).execute();
}

std::string waiting_text(LockedJob& job, const Failure& failure, std::chrono::milliseconds delay,
                         LogWriter& log) {
  const auto now = Timestamp(std::chrono::microseconds(job.now));
  WaitingOn waiting{.code = failure.code,
                    .message = failure.message,
                    .since = now,
                    .next_attempt_at = now + delay};
  const auto said = job.waiting_on ? std::optional(waiting_of(*job.waiting_on)) : std::nullopt;
  // Of several outages in a row the first one's; what note_waiting() wrote is none.
  if (said && code_info(said->code).category == Category::transient) {
    waiting.since = said->since;
  } else {
    const auto detail = text_of(failure);
    log.add(job, {.event = "job_waiting", .code = failure.code, .detail = detail});
  }
  auto text = text_of(waiting);
  job.waiting_on = text;
  return text;
}

}  // namespace freight::storage
