#include <algorithm>

#include "database/query.hpp"
#include "storage/jobs/job_rows.hpp"
#include "storage/jobs/sql_job_store.hpp"
#include "storage/sql/json_rows.hpp"
#include "storage/sql/value_texts.hpp"

// The part of SqlJobStore that only reads.

namespace freight::storage {
namespace {

using database::Query;
using database::Session;

constexpr std::string_view large_columns =
    ", s.spec, j.reconciliation FROM freight.migration_jobs AS j"
    " JOIN freight.migration_job_specs AS s ON s.tenant_id = j.tenant_id AND s.job_id = j.job_id";
// Few jobs have passes: one statement says whether it is worth another.
constexpr std::string_view large_columns_and_passes =
    ", s.spec, j.reconciliation, CASE WHEN EXISTS (SELECT 1 FROM freight.migration_passes AS p"
    "  WHERE p.tenant_id = j.tenant_id AND p.job_id = j.job_id) THEN 1 ELSE 0 END";
constexpr std::string_view from_one =
    " FROM freight.migration_jobs AS j"
    " JOIN freight.migration_job_specs AS s ON s.tenant_id = j.tenant_id AND s.job_id = j.job_id";
constexpr std::string_view from_many =
    " FROM @rows(:rows r, tenant_id uuid, job_id uuid)"
    " JOIN freight.migration_jobs AS j ON j.tenant_id = r.tenant_id AND j.job_id = r.job_id"
    " JOIN freight.migration_job_specs AS s ON s.tenant_id = j.tenant_id AND s.job_id = j.job_id"
    " WHERE j.deleted_at IS NULL";
constexpr std::string_view one_job =
    " WHERE j.tenant_id = @uuid(:tenant) AND j.job_id = @uuid(:job) AND j.deleted_at IS NULL";
constexpr std::string_view of_identity =
    " WHERE j.tenant_id = @uuid(:tenant) AND j.identity = :identity AND j.deleted_at IS NULL"
    " ORDER BY j.created_at DESC, j.job_id DESC";
// What is not planned was read and rejected by an earlier batch: it only changes sides.
constexpr std::string_view sum_completed =
    "SELECT CAST(coalesce(sum(CASE WHEN kind = 'planned' THEN records_read ELSE 0 END), 0)"
    "  AS BIGINT),"
    " CAST(coalesce(sum(records_succeeded), 0) AS BIGINT),"
    " CAST(coalesce(sum(records_rejected"
    "  - CASE WHEN kind = 'planned' THEN 0 ELSE records_read END), 0) AS BIGINT),"
    " CAST(coalesce(sum(records_skipped), 0) AS BIGINT),"
    " CAST(coalesce(sum(records_filtered), 0) AS BIGINT),"
    " CAST(coalesce(sum(records_with_warnings), 0) AS BIGINT)"
    " FROM freight.migration_batches WHERE tenant_id = @uuid(:tenant) AND job_id = @uuid(:job)"
    " AND status = 'completed'";
constexpr std::string_view select_passes =
    "SELECT number, records, started_at, finished_at FROM freight.migration_passes"
    " WHERE tenant_id = @uuid(:tenant) AND job_id = @uuid(:job)"
    " ORDER BY number DESC LIMIT 1000";

std::vector<Job> read_jobs(Query& query) {
  std::vector<Job> jobs;
  JobRow row;
  row.bind(query, true);
  while (query.next()) jobs.push_back(row.job());
  return jobs;
}

std::vector<JobPass> read_passes(Session& session, SqlText& sql, const Job& job) {
  std::vector<JobPass> passes;
  JobPass row;
  std::optional<std::int64_t> started_at;
  std::optional<std::int64_t> finished_at;
  Query query(session, sql(select_passes));
  query.with("tenant", job.tenant_id.to_string()).with("job", job.id.to_string());
  query.into(row.number).into(row.records).into(started_at).into(finished_at);
  while (query.next()) {
    row.started_at = time_of(started_at);
    row.finished_at = time_of(finished_at);
    passes.push_back(row);
  }
  std::reverse(passes.begin(), passes.end());
  return passes;
}

std::string select(SqlText& sql, std::string_view rest, std::string_view more = {}) {
  return "SELECT " + std::string(job_columns) + sql(rest) + (more.empty() ? "" : sql(more));
}

}  // namespace

std::map<SqlJobStore::JobKey, SqlJobStore::FoundJob> SqlJobStore::look_up_jobs(
    const std::vector<JobKey>& keys) {
  return connections_.look_up([&](Session& session) {
    const bool one = keys.size() == 1;
    std::string sql = "SELECT " + std::string(job_columns) + sql_(large_columns_and_passes);
    sql += one ? sql_(from_one) + sql_(one_job) : sql_(from_many);
    Query query(session, sql);
    if (one) {
      const auto& [tenant_id, job_id] = keys.front();
      query.with("tenant", tenant_id.to_string()).with("job", job_id.to_string());
    } else {
      JsonRows rows;
      for (const auto& [tenant_id, job_id] : keys) {
        rows.begin_row();
        rows.add("tenant_id", tenant_id).add("job_id", job_id);
      }
      query.with("rows", rows.take());
    }
    std::map<JobKey, FoundJob> found;
    JobRow row;
    bool has_passes = false;
    row.bind(query, true);
    query.into(has_passes);
    while (query.next()) {
      Job job = row.job();
      const JobKey key(job.tenant_id, job.id);
      found.insert_or_assign(key, FoundJob{std::move(job), has_passes});
    }
    return found;
  });
}

std::optional<Job> SqlJobStore::find_job(TenantId tenant_id, JobId job_id) {
  auto found = look_ups_.find({tenant_id, job_id});
  if (!found) return std::nullopt;
  if (found->has_passes) {
    found->job.passes = connections_.look_up(
        [&](Session& session) { return read_passes(session, sql_, found->job); });
  }
  return std::move(found->job);
}

std::vector<Job> SqlJobStore::find_jobs_by_identity(TenantId tenant_id, std::string_view identity) {
  return connections_.read(tenant_id, [&](Session& session) {
    Query query(session, select(sql_, large_columns, of_identity));
    query.with("tenant", tenant_id.to_string()).with("identity", storable_text(identity));
    return read_jobs(query);
  });
}

RecordCounts SqlJobStore::sum_batches(TenantId tenant_id, JobId job_id) {
  return connections_.read(tenant_id, [&](Session& session) {
    RecordCounts sums;
    Query query(session, sql_(sum_completed));
    query.with("tenant", tenant_id.to_string()).with("job", job_id.to_string());
    query.into(sums.read).into(sums.succeeded).into(sums.rejected).into(sums.skipped);
    query.into(sums.filtered).into(sums.with_warnings).next();
    return sums;
  });
}

}  // namespace freight::storage
