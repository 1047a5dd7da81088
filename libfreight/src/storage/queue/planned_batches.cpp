#include "storage/queue/planned_batches.hpp"

#include <string>

#include "core/utf8.hpp"
#include "database/query.hpp"
#include "freight/error.hpp"

namespace freight::storage {
namespace {

constexpr std::string_view insert_planned_batches =
    "INSERT INTO freight.migration_batches (tenant_id, job_id, sequence, batch_id, status,"
    " first_ordinal, records, byte_offset, byte_length, first_line, locator, content_hash, "
    "attempts,"
    " records_read, records_succeeded, records_rejected, records_skipped, records_filtered,"
    " records_with_warnings, rows_inserted, rows_updated, rows_unchanged)"
    " SELECT r.tenant_id, r.job_id, r.sequence, r.batch_id, 'ready', r.first_ordinal,"
    " r.records, r.byte_offset, r.byte_length, r.first_line, r.locator, r.content_hash,"
    " 0, 0, 0, 0, 0, 0, 0, 0, 0, 0"
    " FROM @rows(:rows r, tenant_id uuid, job_id uuid, sequence bigint, batch_id uuid,"
    " first_ordinal bigint, records bigint, byte_offset bigint, byte_length bigint,"
    " first_line bigint, locator text, content_hash text)";

}  // namespace

void check_storable(std::string_view what, std::string_view text) {
  if (text.find('\0') != std::string_view::npos || !core::is_valid_utf8(text)) {
    throw Error(Code::connector_failed,
                "the source's " + std::string(what) + " is not UTF-8 without NUL");
  }
}

BatchId PlannedBatches::add(const JobReference& job, std::uint64_t sequence,
                            const BatchRange& range) {
  if (range.records == 0) {
    throw Error(Code::connector_failed, "the source planned a batch without a record");
  }
  check_storable("locator", range.locator);
  check_storable("content hash", range.content_hash);
  const auto batch_id = BatchId::generate();
  rows_.begin_row();
  rows_.add("tenant_id", job.tenant_id)
      .add("job_id", job.job_id)
      .add("sequence", sequence)
      .add("batch_id", batch_id)
      .add("first_ordinal", range.first_ordinal)
      .add("records", range.records)
      .add("byte_offset", range.byte_offset)
      .add("byte_length", range.byte_length)
      .add("first_line", range.first_line)
      .add("locator", range.locator)
      .add("content_hash", range.content_hash);
  return batch_id;
}

void PlannedBatches::insert(database::Session& session, SqlText& sql) {
  if (rows_.empty()) return;
  database::Query(session, sql(insert_planned_batches)).with("rows", rows_.take()).execute();
}

}  // namespace freight::storage
