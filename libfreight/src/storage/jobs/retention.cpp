#include <array>

#include "database/query.hpp"
#include "storage/jobs/sql_job_store.hpp"

// The part of SqlJobStore that deletes what nobody wants to keep any longer.

namespace freight::storage {
namespace {

using database::Query;
using database::Session;

// What was wrong stays, in Freight's own words; what the record held goes.
constexpr std::string_view forget_values =
    "UPDATE freight.dead_letters SET raw = @bytes(''), key_values = '', key_text = '',"
    " correction = NULL, errors ="
    " @pg{json_build_array(json_build_object('code', code, 'stage', stage, 'column',"
    " column_name))::text}@lite{json_array(json_object('code', code, 'stage', stage, 'column',"
    " column_name))}"
    " WHERE dead_letter_id IN (SELECT d.dead_letter_id FROM freight.dead_letters AS d"
    "  JOIN freight.migration_jobs AS j ON j.tenant_id = d.tenant_id AND j.job_id = d.job_id"
    "  WHERE j.status IN ('completed', 'completed_with_errors', 'failed', 'cancelled')"
    "  AND j.finished_at < :before AND (length(d.raw) > 0 OR d.key_values <> '')"
    "  LIMIT :limit)";
constexpr std::string_view select_ended =
    "SELECT tenant_id, job_id FROM freight.migration_jobs"
    " WHERE status IN ('completed', 'completed_with_errors', 'failed', 'cancelled')"
    " AND finished_at < :before AND NOT EXISTS (SELECT 1 FROM freight.migration_groups AS m"
    "  WHERE m.tenant_id = migration_jobs.tenant_id AND m.migration_id = "
    "migration_jobs.migration_id"
    "  AND m.status IN ('pending', 'running', 'paused', 'cancelling'))"
    " ORDER BY finished_at LIMIT :limit";
constexpr std::array<std::string_view, 10> delete_of_job{
    "DELETE FROM freight.batch_queue WHERE tenant_id = @uuid(:tenant) AND job_id = @uuid(:job)",
    "DELETE FROM freight.migration_logs WHERE tenant_id = @uuid(:tenant) AND job_id = @uuid(:job)",
    "DELETE FROM freight.dead_letters WHERE tenant_id = @uuid(:tenant) AND job_id = @uuid(:job)",
    "DELETE FROM freight.reject_ranges WHERE tenant_id = @uuid(:tenant) AND job_id = @uuid(:job)",
    "DELETE FROM freight.replay_corrections WHERE tenant_id = @uuid(:tenant)"
    " AND job_id = @uuid(:job)",
    "DELETE FROM freight.migration_passes WHERE tenant_id = @uuid(:tenant)"
    " AND job_id = @uuid(:job)",
    "DELETE FROM freight.migration_batches WHERE tenant_id = @uuid(:tenant)"
    " AND job_id = @uuid(:job)",
    "DELETE FROM freight.idempotency_keys WHERE tenant_id = @uuid(:tenant)"
    " AND job_id = @uuid(:job)",
    "DELETE FROM freight.migration_job_specs WHERE tenant_id = @uuid(:tenant)"
    " AND job_id = @uuid(:job)",
    "DELETE FROM freight.migration_jobs WHERE tenant_id = @uuid(:tenant) AND job_id = @uuid(:job)"};

}  // namespace

std::uint64_t SqlJobStore::prune_rejects(Timestamp before, std::uint32_t limit) {
  return connections_.write([&](Session& session) {
    return Query(session, sql_(forget_values))
        .with("before", before.time_since_epoch().count())
        .with("limit", limit)
        .execute();
  });
}

std::uint64_t SqlJobStore::prune_jobs(Timestamp before, std::uint32_t limit) {
  return connections_.write([&](Session& session) {
    std::vector<std::pair<std::string, std::string>> jobs;
    std::string tenant;
    std::string job;
    Query ended(session, sql_(select_ended));
    ended.with("before", before.time_since_epoch().count()).with("limit", limit);
    ended.into(tenant).into(job);
    while (ended.next()) jobs.emplace_back(tenant, job);
    for (const auto& [tenant_id, job_id] : jobs) {
      for (const std::string_view statement : delete_of_job)
        Query(session, sql_(statement)).with("tenant", tenant_id).with("job", job_id).execute();
    }
    return static_cast<std::uint64_t>(jobs.size());
  });
}

}  // namespace freight::storage
