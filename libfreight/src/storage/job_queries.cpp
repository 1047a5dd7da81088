#include "database/query.hpp"
#include "storage/job_rows.hpp"
#include "storage/sql_job_store.hpp"
#include "storage/value_texts.hpp"

// The part of SqlJobStore that only reads.

namespace freight::storage {
namespace {

using database::Query;
using database::Session;

constexpr std::string_view large_columns =
    ", s.spec, j.reconciliation FROM freight.migration_jobs AS j"
    " JOIN freight.migration_job_specs AS s ON s.tenant_id = j.tenant_id AND s.job_id = j.job_id";
constexpr std::string_view one_job =
    " WHERE j.tenant_id = @uuid(:tenant) AND j.job_id = @uuid(:job) AND j.deleted_at IS NULL";
constexpr std::string_view of_tenant =
    " FROM freight.migration_jobs AS j WHERE j.tenant_id = @uuid(:tenant) AND j.deleted_at IS NULL"
    " ORDER BY j.created_at DESC, j.job_id DESC LIMIT :limit";
constexpr std::string_view of_identity =
    " WHERE j.tenant_id = @uuid(:tenant) AND j.identity = :identity AND j.deleted_at IS NULL"
    " ORDER BY j.created_at DESC, j.job_id DESC";
constexpr std::string_view select_batches =
    "SELECT b.batch_id, b.sequence, b.status, b.first_ordinal, b.records, b.byte_offset,"
    " b.byte_length, b.first_line, b.attempts, b.records_read, b.records_succeeded,"
    " b.records_rejected, b.records_skipped, b.records_filtered, b.records_with_warnings, b.error,"
    " b.started_at, b.finished_at, q.lease_token"
    " FROM freight.migration_batches AS b"
    " LEFT JOIN freight.batch_queue AS q ON q.tenant_id = b.tenant_id AND q.job_id = b.job_id"
    "  AND q.kind = 'execute' AND q.batch_id = b.batch_id"
    " WHERE b.tenant_id = @uuid(:tenant) AND b.job_id = @uuid(:job) AND b.sequence >= :first"
    " ORDER BY b.sequence LIMIT :limit";
constexpr std::string_view sum_completed =
    "SELECT CAST(coalesce(sum(records_read), 0) AS BIGINT),"
    " CAST(coalesce(sum(records_succeeded), 0) AS BIGINT),"
    " CAST(coalesce(sum(records_rejected), 0) AS BIGINT),"
    " CAST(coalesce(sum(records_skipped), 0) AS BIGINT),"
    " CAST(coalesce(sum(records_filtered), 0) AS BIGINT),"
    " CAST(coalesce(sum(records_with_warnings), 0) AS BIGINT)"
    " FROM freight.migration_batches WHERE tenant_id = @uuid(:tenant) AND job_id = @uuid(:job)"
    " AND status = 'completed'";
constexpr std::string_view select_dead_letters =
    "SELECT dead_letter_id, batch_sequence, ordinal, line, byte_offset, byte_length, @hex(raw),"
    " errors, key_values, attempts, first_at, last_at, state FROM freight.dead_letters"
    " WHERE tenant_id = @uuid(:tenant) AND job_id = @uuid(:job) AND ordinal >= :first"
    " ORDER BY ordinal LIMIT :limit";
constexpr std::string_view select_groups =
    "SELECT g.code, g.column_name, g.records, d.line, d.errors FROM ("
    "  SELECT code, column_name, count(*) AS records, min(ordinal) AS first"
    "  FROM freight.dead_letters WHERE tenant_id = @uuid(:tenant) AND job_id = @uuid(:job)"
    "  AND state = 'open' GROUP BY code, column_name) AS g"
    " JOIN freight.dead_letters AS d ON d.tenant_id = @uuid(:tenant) AND d.job_id = @uuid(:job)"
    "  AND d.ordinal = g.first"
    " ORDER BY g.records DESC, g.first LIMIT :limit";

std::vector<Job> read_jobs(Query& query, bool large) {
  std::vector<Job> jobs;
  JobRow row;
  row.bind(query, large);
  while (query.next()) jobs.push_back(row.job());
  return jobs;
}

std::string select(SqlText& sql, std::string_view rest, std::string_view more = {}) {
  return "SELECT " + std::string(job_columns) + sql(rest) + (more.empty() ? "" : sql(more));
}

}  // namespace

std::optional<Job> SqlJobStore::find_job(TenantId tenant_id, JobId job_id) {
  return connections_.read([&](Session& session) -> std::optional<Job> {
    Query query(session, select(sql_, large_columns, one_job));
    query.with("tenant", tenant_id.to_string()).with("job", job_id.to_string());
    auto jobs = read_jobs(query, true);
    if (jobs.empty()) return std::nullopt;
    return std::move(jobs.front());
  });
}

std::vector<Job> SqlJobStore::list_jobs(TenantId tenant_id, std::uint32_t limit) {
  return connections_.read([&](Session& session) {
    Query query(session, select(sql_, of_tenant));
    query.with("tenant", tenant_id.to_string()).with("limit", limit);
    return read_jobs(query, false);
  });
}

std::vector<Job> SqlJobStore::find_jobs_by_identity(TenantId tenant_id, std::string_view identity) {
  return connections_.read([&](Session& session) {
    Query query(session, select(sql_, large_columns, of_identity));
    query.with("tenant", tenant_id.to_string()).with("identity", storable_text(identity));
    return read_jobs(query, true);
  });
}

std::vector<Batch> SqlJobStore::list_batches(TenantId tenant_id, JobId job_id,
                                             std::uint64_t first_sequence, std::uint32_t limit) {
  return connections_.read([&](Session& session) {
    std::vector<Batch> batches;
    Batch row;
    std::string id;
    std::string status;
    std::optional<std::string> error;
    std::optional<std::int64_t> started_at;
    std::optional<std::int64_t> finished_at;
    std::optional<std::string> lease;
    Query query(session, sql_(select_batches));
    query.with("tenant", tenant_id.to_string())
        .with("job", job_id.to_string())
        .with("first", first_sequence)
        .with("limit", limit);
    query.into(id).into(row.sequence).into(status).into(row.first_ordinal).into(row.records);
    query.into(row.byte_offset).into(row.byte_length).into(row.first_line).into(row.attempts);
    auto& counts = row.counts;
    query.into(counts.read).into(counts.succeeded).into(counts.rejected).into(counts.skipped);
    query.into(counts.filtered).into(counts.with_warnings).into(error);
    query.into(started_at).into(finished_at).into(lease);
    while (query.next()) {
      Batch batch = row;
      batch.id = BatchId::parse(id).value_or(BatchId());
      batch.job_id = job_id;
      batch.status = parse_batch_status(status).value_or(BatchStatus::ready);
      if (lease && batch.status == BatchStatus::ready) batch.status = BatchStatus::leased;
      if (error) batch.error = failure_of_text(*error);
      batch.started_at = time_of(started_at);
      batch.finished_at = time_of(finished_at);
      batches.push_back(std::move(batch));
    }
    return batches;
  });
}

RecordCounts SqlJobStore::sum_batches(TenantId tenant_id, JobId job_id) {
  return connections_.read([&](Session& session) {
    RecordCounts sums;
    Query query(session, sql_(sum_completed));
    query.with("tenant", tenant_id.to_string()).with("job", job_id.to_string());
    query.into(sums.read).into(sums.succeeded).into(sums.rejected).into(sums.skipped);
    query.into(sums.filtered).into(sums.with_warnings).next();
    return sums;
  });
}

std::vector<DeadLetter> SqlJobStore::list_dead_letters(TenantId tenant_id, JobId job_id,
                                                       std::uint64_t first_ordinal,
                                                       std::uint32_t limit) {
  return connections_.read([&](Session& session) {
    std::vector<DeadLetter> letters;
    DeadLetter row;
    std::string id;
    std::string raw;
    std::string errors;
    std::string state;
    std::int64_t first_at = 0;
    std::int64_t last_at = 0;
    Query query(session, sql_(select_dead_letters));
    query.with("tenant", tenant_id.to_string())
        .with("job", job_id.to_string())
        .with("first", first_ordinal)
        .with("limit", limit);
    query.into(id).into(row.batch_sequence).into(row.ordinal).into(row.line);
    query.into(row.byte_offset).into(row.byte_length).into(raw).into(errors);
    query.into(row.key_values).into(row.attempts).into(first_at).into(last_at).into(state);
    while (query.next()) {
      DeadLetter letter = row;
      letter.id = DeadLetterId::parse(id).value_or(DeadLetterId());
      letter.raw = bytes_of_hex(raw);
      letter.errors = errors_of(errors);
      letter.first_at = time_of(first_at);
      letter.last_at = time_of(last_at);
      letter.state = parse_dead_letter_state(state).value_or(DeadLetterState::open);
      letters.push_back(std::move(letter));
    }
    return letters;
  });
}

std::vector<RejectGroup> SqlJobStore::summarise_rejects(TenantId tenant_id, JobId job_id,
                                                        std::uint32_t limit) {
  return connections_.read([&](Session& session) {
    std::vector<RejectGroup> groups;
    RejectGroup row;
    std::string code;
    std::string errors;
    Query query(session, sql_(select_groups));
    query.with("tenant", tenant_id.to_string())
        .with("job", job_id.to_string())
        .with("limit", limit);
    query.into(code).into(row.column).into(row.count).into(row.example_line).into(errors);
    while (query.next()) {
      RejectGroup group = row;
      group.code = parse_code(code).value_or(Code::internal);
      const auto all = errors_of(errors);
      if (!all.empty()) {
        group.example_value = all.front().value;
        group.example_message = all.front().message;
        group.example_hint = all.front().hint;
      }
      groups.push_back(std::move(group));
    }
    return groups;
  });
}

}  // namespace freight::storage
