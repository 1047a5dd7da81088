#include "storage/jobs/batch_rows.hpp"

#include "storage/jobs/job_rows.hpp"
#include "storage/sql/value_texts.hpp"

namespace freight::storage {

const std::string_view select_batch =
    "SELECT b.batch_id, b.job_id, b.sequence, b.kind, b.status, b.first_ordinal, b.records, "
    "b.byte_offset,"
    " b.byte_length, b.first_line, b.locator, b.attempts, b.records_read, b.records_succeeded,"
    " b.records_rejected, b.records_skipped, b.records_filtered, b.records_with_warnings, b.error,"
    " b.started_at, b.finished_at, q.lease_token"
    " FROM freight.migration_batches AS b"
    " LEFT JOIN freight.batch_queue AS q ON q.tenant_id = b.tenant_id AND q.job_id = b.job_id"
    "  AND q.kind = 'execute' AND q.batch_id = b.batch_id";

void BatchRow::bind(database::Query& query) {
  auto& row = batch_;
  query.into(id_)
      .into(job_id_)
      .into(row.sequence)
      .into(kind_)
      .into(status_)
      .into(row.first_ordinal);
  query.into(row.records).into(row.byte_offset).into(row.byte_length).into(row.first_line);
  query.into(row.locator).into(row.attempts);
  auto& counts = row.counts;
  query.into(counts.read).into(counts.succeeded).into(counts.rejected).into(counts.skipped);
  query.into(counts.filtered).into(counts.with_warnings).into(error_);
  query.into(started_at_).into(finished_at_).into(lease_);
}

Batch BatchRow::batch() const {
  Batch batch = batch_;
  batch.id = BatchId::parse(id_).value_or(BatchId());
  batch.job_id = JobId::parse(job_id_).value_or(JobId());
  batch.kind = parse_batch_kind(kind_).value_or(BatchKind::planned);
  batch.status = parse_batch_status(status_).value_or(BatchStatus::ready);
  if (lease_ && batch.status == BatchStatus::ready) batch.status = BatchStatus::leased;
  if (error_) batch.error = failure_of_text(*error_);
  batch.started_at = time_of(started_at_);
  batch.finished_at = time_of(finished_at_);
  return batch;
}

}  // namespace freight::storage
