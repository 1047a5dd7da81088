#include "database/query.hpp"
#include "storage/jobs/sql_job_store.hpp"
#include "storage/sql/value_texts.hpp"

// The part of SqlJobStore that knows of jobs which no node can work for.

namespace freight::storage {
namespace {

using database::Query;
using database::Session;

// A node's offers stand one a line, with a line end before the first: whole lines are looked for.
constexpr std::string_view select_unserved =
    "SELECT j.tenant_id, j.job_id FROM freight.migration_jobs AS j"
    " WHERE j.status IN ('pending', 'running') AND j.node_affinity <> '' AND j.deleted_at IS NULL"
    " AND substr(j.node_affinity, 1, length(CAST(:prefix AS TEXT))) = :prefix"
    " AND j.updated_at < @now - CAST(:unchanged AS BIGINT)"
    " AND (j.waiting_on IS NULL OR @lite{instr}@pg{strpos}(j.waiting_on, :said) = 0)"
    " AND NOT EXISTS (SELECT 1 FROM freight.nodes AS n WHERE n.heartbeat_at > @now - 15000000"
    "  AND @lite{instr}@pg{strpos}(n.affinities, @lite{char(10)}@pg{chr(10)} || j.node_affinity"
    "   || @lite{char(10)}@pg{chr(10)}) > 0)"
    " ORDER BY j.tenant_id, j.job_id LIMIT 1000";
constexpr std::string_view write_waiting =
    "UPDATE freight.migration_jobs SET updated_at = @now, log_sequence = :log_sequence,"
    " waiting_on = :waiting_on WHERE tenant_id = @uuid(:tenant) AND job_id = @uuid(:job)";

bool is_same(const std::optional<WaitingOn>& said, const std::optional<Failure>& reason) {
  if (!said || !reason) return !said && !reason;
  return said->code == reason->code && said->message == reason->message;
}

}  // namespace

std::vector<JobReference> SqlJobStore::list_unserved(const UnservedQuery& unserved) {
  return connections_.read([&](Session& session) {
    std::vector<JobReference> found;
    std::string tenant;
    std::string job;
    Query query(session, sql_(select_unserved));
    query.with("prefix", storable_text(unserved.affinity_prefix))
        .with("unchanged", std::chrono::microseconds(unserved.unchanged_for).count())
        .with("said", '"' + std::string(to_string(unserved.said)) + '"');
    query.into(tenant).into(job);
    while (query.next()) {
      found.push_back(
          {TenantId::parse(tenant).value_or(TenantId()), JobId::parse(job).value_or(JobId())});
    }
    return found;
  });
}

bool SqlJobStore::note_waiting(TenantId tenant_id, JobId job_id,
                               const std::optional<Failure>& reason) {
  return write([&](Session& session, EventWriter& events) {
    auto job = lock_job(session, sql_, {tenant_id, job_id});
    if (!job) throw Error(Code::not_found, "there is no job " + job_id.to_string());
    if (is_final(job->status)) return false;
    const auto said = job->waiting_on ? std::optional(waiting_of(*job->waiting_on)) : std::nullopt;
    if (is_same(said, reason)) return false;
    // It waits for something else than before, and from now on.
    job->waiting_on.reset();
    LogWriter log(session, sql_, events);
    if (reason) waiting_text(*job, *reason, std::chrono::milliseconds(0), log);
    log.flush();
    Query(session, sql_(write_waiting))
        .with("log_sequence", job->log_sequence)
        .with("waiting_on", job->waiting_on)
        .with("tenant", tenant_id.to_string())
        .with("job", job_id.to_string())
        .execute();
    return true;
  });
}

}  // namespace freight::storage
