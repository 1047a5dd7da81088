#include <algorithm>

#include "database/query.hpp"
#include "storage/jobs/job_rows.hpp"
#include "storage/jobs/sql_job_store.hpp"
#include "storage/log/log_pages.hpp"
#include "storage/sql/json_rows.hpp"
#include "storage/sql/value_texts.hpp"

// The part of SqlJobStore that reads the log, and what it says of single records.

namespace freight::storage {
namespace {

using database::Query;
using database::Session;

constexpr std::string_view select_planned =
    "SELECT batch_id, sequence, status, first_ordinal, records, byte_offset, first_line, locator,"
    " attempts, finished_at FROM freight.migration_batches WHERE tenant_id = @uuid(:tenant)"
    " AND job_id = @uuid(:job) AND kind = 'planned' AND first_ordinal <= :ordinal"
    " ORDER BY first_ordinal DESC LIMIT 1";
constexpr std::string_view select_record =
    "SELECT l.outcome, b.batch_id, l.batch_sequence, l.logged_at, l.code, l.column_name,"
    " l.key_values, l.detail, l.last_ordinal FROM freight.migration_logs AS l"
    " JOIN freight.migration_batches AS b ON b.tenant_id = l.tenant_id AND b.job_id = l.job_id"
    "  AND b.sequence = l.batch_sequence"
    " WHERE l.tenant_id = @uuid(:tenant) AND l.job_id = @uuid(:job)";
constexpr std::string_view latest_row =
    " AND l.event = 'record' AND l.first_ordinal = :ordinal ORDER BY l.log_sequence DESC LIMIT 1";
// Ranges of one batch do not overlap, so that the nearest one before is the only one.
constexpr std::string_view covering_range =
    " AND l.event = 'records' AND l.first_ordinal <= :ordinal"
    " ORDER BY l.first_ordinal DESC, l.log_sequence DESC LIMIT 1";
constexpr std::string_view select_letter =
    "SELECT line, byte_offset, errors, attempts FROM freight.dead_letters"
    " WHERE tenant_id = @uuid(:tenant) AND job_id = @uuid(:job) AND ordinal = :ordinal";
constexpr std::string_view count_rows =
    "SELECT count(*) FROM freight.migration_logs WHERE tenant_id = @uuid(:tenant)"
    " AND job_id = @uuid(:job) AND event = 'record' AND first_ordinal = :ordinal";
constexpr std::string_view select_ordinals =
    "SELECT DISTINCT first_ordinal FROM freight.migration_logs WHERE tenant_id = @uuid(:tenant)"
    " AND job_id = @uuid(:job) AND key_text = :key AND event = 'record'"
    " ORDER BY first_ordinal LIMIT :limit";

/// The look-ups of one ordinal.
class RecordLookUp {
 public:
  RecordLookUp(Session& session, SqlText& sql, const JobKey& key, std::uint64_t ordinal)
      : session_(session), sql_(sql), key_(key) {
    fate_.ordinal = ordinal;
  }

  std::optional<RecordFate> look() {
    if (!find_batch()) return std::nullopt;
    if (find_row(latest_row) || (fate_.outcome == Outcome::succeeded && find_row(covering_range))) {
      find_letter();
    }
    return fate_;
  }

 private:
  Query& with_record(Query& query) {
    return query.with("tenant", key_.first.to_string())
        .with("job", key_.second.to_string())
        .with("ordinal", fate_.ordinal);
  }

  bool find_batch() {
    std::string batch;
    std::string status;
    std::uint64_t sequence = 0;
    std::uint64_t first_ordinal = 0;
    std::uint64_t records = 0;
    std::uint64_t byte_offset = 0;
    std::uint64_t first_line = 0;
    std::optional<std::int64_t> finished_at;
    Query query(session_, sql_(select_planned));
    with_record(query).into(batch).into(sequence).into(status).into(first_ordinal).into(records);
    query.into(byte_offset).into(first_line).into(fate_.locator).into(fate_.attempts);
    query.into(finished_at);
    if (!query.next() || fate_.ordinal - first_ordinal >= records) return false;
    fate_.batch_id = BatchId::parse(batch);
    fate_.batch_sequence = sequence;
    if (fate_.ordinal == first_ordinal) {
      fate_.line = first_line;
      fate_.byte_offset = byte_offset;
    }
    if (parse_batch_status(status) != BatchStatus::completed) return true;
    fate_.outcome = Outcome::succeeded;
    fate_.time = time_of(finished_at);
    return true;
  }

  bool find_row(std::string_view which) {
    std::string outcome;
    std::string batch;
    std::uint64_t sequence = 0;
    std::int64_t logged_at = 0;
    std::optional<std::string> code;
    std::optional<std::string> column;
    std::optional<std::string> key_values;
    std::optional<std::string> detail;
    std::uint64_t last_ordinal = 0;
    Query query(session_, sql_(select_record) + sql_(which));
    with_record(query).into(outcome).into(batch).into(sequence).into(logged_at).into(code);
    query.into(column).into(key_values).into(detail).into(last_ordinal);
    if (!query.next() || last_ordinal < fate_.ordinal) return false;
    fate_.outcome = parse_outcome(outcome).value_or(Outcome::pending);
    fate_.batch_id = BatchId::parse(batch);
    fate_.batch_sequence = sequence;
    fate_.time = time_of(logged_at);
    fate_.key_values = key_values.value_or("");
    if (detail) fate_.errors = errors_of(*detail);
    if (fate_.errors.empty() && code) {
      fate_.errors.push_back({.code = parse_code(*code).value_or(Code::internal),
                              .column = column.value_or(""),
                              .value = std::nullopt});
    }
    return true;
  }

  void find_letter() {
    std::string errors;
    Query query(session_, sql_(select_letter));
    with_record(query).into(fate_.line).into(fate_.byte_offset).into(errors).into(fate_.attempts);
    if (query.next()) {
      if (fate_.outcome == Outcome::rejected) fate_.errors = errors_of(errors);
      return;
    }
    // One that waited for its parent has no dead letter any more, and a row for each attempt.
    std::uint64_t rows = 0;
    Query count(session_, sql_(count_rows));
    with_record(count).into(rows).next();
    fate_.attempts = std::max(fate_.attempts, rows);
  }

  Session& session_;
  SqlText& sql_;
  const JobKey key_;
  RecordFate fate_;
};

}  // namespace

std::vector<LogEntry> SqlJobStore::list_log(TenantId tenant_id, JobId job_id,
                                            const LogQuery& query) {
  return connections_.read(tenant_id, [&](Session& session) {
    return LogPage(session, sql_, {tenant_id, job_id}, query).read();
  });
}

std::optional<RecordFate> SqlJobStore::find_record(TenantId tenant_id, JobId job_id,
                                                   std::uint64_t ordinal) {
  return connections_.read(tenant_id, [&](Session& session) {
    return RecordLookUp(session, sql_, {tenant_id, job_id}, ordinal).look();
  });
}

std::vector<std::uint64_t> SqlJobStore::find_ordinals(TenantId tenant_id, JobId job_id,
                                                      std::string_view key, std::uint32_t limit) {
  return connections_.read(tenant_id, [&](Session& session) {
    std::vector<std::uint64_t> ordinals;
    std::uint64_t ordinal = 0;
    Query query(session, sql_(select_ordinals));
    query.with("tenant", tenant_id.to_string())
        .with("job", job_id.to_string())
        .with("key", storable_text(key))
        .with("limit", limit)
        .into(ordinal);
    while (query.next()) ordinals.push_back(ordinal);
    return ordinals;
  });
}

}  // namespace freight::storage
