#include "storage/jobs/job_rows.hpp"

#include "storage/sql/value_texts.hpp"

namespace freight::storage {

const std::string_view job_columns =
    "j.tenant_id, j.job_id, j.name, j.status, j.priority, j.labels, j.identity, j.load_identity,"
    " j.fingerprint, j.node_affinity, j.planned, j.records_planned, j.bytes_planned, j.bytes_total,"
    " j.source_count, j.destination_count_before, j.records_read, j.records_succeeded,"
    " j.records_rejected, j.records_skipped, j.records_filtered, j.records_with_warnings,"
    " j.rows_inserted, j.rows_updated, j.rows_unchanged, j.bytes_read, j.batches_total,"
    " j.batches_completed, j.batches_failed, j.batch_attempts, j.retries, j.waiting_for_parents,"
    " j.waiting_on, j.error,"
    " j.warnings, j.source_fields, j.unmapped_columns, j.unfilled_columns, j.created_at,"
    " j.updated_at, j.started_at, j.finished_at, j.run_at, j.deadline_at, j.limits_from_read,"
    " j.limits_from_rejected, j.described, j.records_discarded, j.run_number, j.migration_id";

Timestamp time_of(std::int64_t microseconds) {
  return Timestamp(std::chrono::microseconds(microseconds));
}

std::optional<Timestamp> time_of(const std::optional<std::int64_t>& microseconds) {
  if (!microseconds) return std::nullopt;
  return time_of(*microseconds);
}

void JobRow::bind(database::Query& query, bool large) {
  query.into(tenant_id_).into(job_id_).into(job_.name).into(status_).into(job_.priority);
  query.into(labels_).into(job_.identity).into(job_.load_identity).into(job_.fingerprint);
  query.into(job_.node_affinity).into(job_.planned).into(job_.records_planned);
  query.into(job_.bytes_planned).into(job_.bytes_total).into(job_.source_count);
  query.into(job_.destination_count_before);
  auto& records = job_.records;
  query.into(records.read).into(records.succeeded).into(records.rejected).into(records.skipped);
  query.into(records.filtered).into(records.with_warnings);
  query.into(job_.written.inserted).into(job_.written.updated).into(job_.written.unchanged);
  query.into(job_.bytes_read).into(job_.batches_total).into(job_.batches_completed);
  query.into(job_.batches_failed).into(job_.batch_attempts).into(job_.retries);
  query.into(job_.waiting_for_parents)
      .into(waiting_on_)
      .into(error_)
      .into(warnings_)
      .into(source_fields_);
  query.into(unmapped_columns_).into(unfilled_columns_);
  query.into(created_at_).into(updated_at_).into(started_at_).into(finished_at_);
  query.into(run_at_).into(deadline_at_);
  query.into(job_.limits_from_read).into(job_.limits_from_rejected).into(job_.described);
  query.into(job_.records_discarded).into(job_.run_number).into(migration_id_);
  if (large) query.into(job_.spec).into(job_.reconciliation);
}

Job JobRow::job() {
  Job job = job_;
  job.tenant_id = TenantId::parse(tenant_id_).value_or(TenantId());
  job.id = JobId::parse(job_id_).value_or(JobId());
  job.status = parse_job_status(status_).value_or(JobStatus::failed);
  job.labels = labels_of(labels_);
  if (migration_id_) job.migration_id = MigrationId::parse(*migration_id_);
  if (waiting_on_) job.waiting_on = waiting_of(*waiting_on_);
  if (error_) job.error = failure_of_text(*error_);
  job.warnings = texts_of(warnings_);
  job.source_fields = texts_of(source_fields_);
  job.unmapped_columns = texts_of(unmapped_columns_);
  job.unfilled_columns = texts_of(unfilled_columns_);
  job.created_at = time_of(created_at_);
  job.updated_at = time_of(updated_at_);
  job.started_at = time_of(started_at_);
  job.finished_at = time_of(finished_at_);
  job.run_at = time_of(run_at_);
  job.deadline_at = time_of(deadline_at_);
  return job;
}

}  // namespace freight::storage
