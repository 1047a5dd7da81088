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
constexpr std::string_view of_identity =
    " WHERE j.tenant_id = @uuid(:tenant) AND j.identity = :identity AND j.deleted_at IS NULL"
    " ORDER BY j.created_at DESC, j.job_id DESC";
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

std::vector<Job> read_jobs(Query& query) {
  std::vector<Job> jobs;
  JobRow row;
  row.bind(query, true);
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
    auto jobs = read_jobs(query);
    if (jobs.empty()) return std::nullopt;
    return std::move(jobs.front());
  });
}

std::vector<Job> SqlJobStore::find_jobs_by_identity(TenantId tenant_id, std::string_view identity) {
  return connections_.read([&](Session& session) {
    Query query(session, select(sql_, large_columns, of_identity));
    query.with("tenant", tenant_id.to_string()).with("identity", storable_text(identity));
    return read_jobs(query);
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
