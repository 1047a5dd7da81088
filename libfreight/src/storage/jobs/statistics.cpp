#include "database/query.hpp"
#include "storage/jobs/job_rows.hpp"
#include "storage/jobs/sql_job_store.hpp"
#include "storage/sql/value_texts.hpp"

// The part of SqlJobStore that counts: retries, queues, nodes, a tenant's use.

namespace freight::storage {
namespace {

using database::Query;
using database::Session;

constexpr std::string_view select_attempts =
    "SELECT j.batch_attempts, j.retries, j.batches_failed,"
    " (SELECT count(*) FROM freight.batch_queue AS q WHERE q.tenant_id = j.tenant_id"
    "  AND q.job_id = j.job_id AND q.attempt > 0 AND q.lease_token IS NULL),"
    " (SELECT min(q.due_at) FROM freight.batch_queue AS q WHERE q.tenant_id = j.tenant_id"
    "  AND q.job_id = j.job_id AND q.attempt > 0 AND q.lease_token IS NULL)"
    " FROM freight.migration_jobs AS j"
    " WHERE j.tenant_id = @uuid(:tenant) AND j.job_id = @uuid(:job) AND j.deleted_at IS NULL";
constexpr std::string_view select_retried =
    "SELECT detail, count(*) FROM freight.migration_logs"
    " WHERE tenant_id = @uuid(:tenant) AND job_id = @uuid(:job)"
    " AND event IN ('batch_retried', 'plan_retried', 'finish_retried') GROUP BY detail";
// A plan that waits for the workers to catch up has no attempt: it is ready, only not quite yet.
constexpr std::string_view select_depth =
    "SELECT count(CASE WHEN q.lane < 2 AND q.lease_token IS NOT NULL AND q.due_at > @now"
    "  THEN 1 END),"
    " count(CASE WHEN q.lane > 1 THEN 1 END),"
    " count(CASE WHEN q.lane < 2 AND q.lease_token IS NULL AND q.due_at > @now"
    "  AND j.status = 'scheduled' THEN 1 END),"
    " count(CASE WHEN q.lane < 2 AND q.lease_token IS NULL AND q.due_at > @now"
    "  AND j.status <> 'scheduled' AND q.attempt > 0 THEN 1 END),"
    " count(*),"
    " min(CASE WHEN q.lane < 2 AND q.due_at <= @now THEN q.due_at END), @now"
    " FROM freight.batch_queue AS q"
    " JOIN freight.migration_jobs AS j ON j.tenant_id = q.tenant_id AND j.job_id = q.job_id"
    " WHERE (CAST(:any AS BIGINT) = 1 OR q.tenant_id = @uuid(:tenant))";
constexpr std::string_view select_dead =
    "SELECT CAST(coalesce(sum(batches_failed), 0) AS BIGINT) FROM freight.migration_jobs"
    " WHERE (CAST(:any AS BIGINT) = 1 OR tenant_id = @uuid(:tenant)) AND deleted_at IS NULL";
constexpr std::string_view select_nodes =
    "SELECT node_id, host, process_id, workers, started_at, @now - heartbeat_at,"
    " batches_processed, records_processed FROM freight.nodes ORDER BY started_at, node_id";
constexpr std::string_view select_held_tasks =
    "SELECT node_id, tenant_id, job_id, batch_id FROM freight.batch_queue"
    " WHERE lease_token IS NOT NULL AND due_at > @now ORDER BY tenant_id, job_id, sequence";
constexpr std::string_view select_statuses =
    "SELECT status, count(*), CAST(sum(records_read) AS BIGINT),"
    " CAST(sum(records_succeeded) AS BIGINT), CAST(sum(records_rejected) AS BIGINT),"
    " CAST(sum(records_skipped) AS BIGINT), CAST(sum(records_filtered) AS BIGINT),"
    " CAST(sum(records_with_warnings) AS BIGINT), CAST(sum(batch_attempts) AS BIGINT),"
    " CAST(sum(retries) AS BIGINT) FROM freight.migration_jobs"
    " WHERE tenant_id = @uuid(:tenant) AND deleted_at IS NULL GROUP BY status";
constexpr std::string_view select_recent =
    "SELECT CAST(coalesce(sum(b.records_read), 0) AS BIGINT),"
    " CAST(coalesce(sum(b.records_succeeded), 0) AS BIGINT),"
    " CAST(coalesce(sum(b.records_rejected), 0) AS BIGINT),"
    " CAST(coalesce(sum(b.records_skipped), 0) AS BIGINT),"
    " CAST(coalesce(sum(b.records_filtered), 0) AS BIGINT),"
    " CAST(coalesce(sum(b.records_with_warnings), 0) AS BIGINT)"
    " FROM freight.migration_batches AS b"
    " JOIN freight.migration_jobs AS j ON j.tenant_id = b.tenant_id AND j.job_id = b.job_id"
    " WHERE b.tenant_id = @uuid(:tenant) AND b.finished_at >= @now - :span"
    " AND b.status = 'completed' AND j.deleted_at IS NULL";

constexpr std::chrono::seconds lost_after{15};
constexpr std::chrono::microseconds hour = std::chrono::hours(1);
constexpr std::chrono::microseconds day = std::chrono::hours(24);

void into(Query& query, RecordCounts& counts) {
  query.into(counts.read).into(counts.succeeded).into(counts.rejected).into(counts.skipped);
  query.into(counts.filtered).into(counts.with_warnings);
}

std::map<NodeId, std::vector<NodeTask>> read_held(Session& session, const std::string& sql) {
  std::map<NodeId, std::vector<NodeTask>> held;
  std::string node;
  std::string tenant;
  std::string job;
  std::string batch;
  Query query(session, sql);
  query.into(node).into(tenant).into(job).into(batch);
  while (query.next()) {
    held[NodeId::parse(node).value_or(NodeId())].push_back(
        {TenantId::parse(tenant).value_or(TenantId()), JobId::parse(job).value_or(JobId()),
         BatchId::parse(batch).value_or(BatchId())});
  }
  return held;
}

}  // namespace

std::optional<RetryStatus> SqlJobStore::retry_status(TenantId tenant_id, JobId job_id) {
  return connections_.read(tenant_id, [&](Session& session) -> std::optional<RetryStatus> {
    RetryStatus result;
    std::optional<std::int64_t> due_at;
    {
      Query query(session, sql_(select_attempts));
      query.with("tenant", tenant_id.to_string()).with("job", job_id.to_string());
      query.into(result.attempts).into(result.retries).into(result.exhausted);
      query.into(result.waiting).into(due_at);
      if (!query.next()) return std::nullopt;
    }
    result.next_due_at = time_of(due_at);
    std::string failure;
    std::uint64_t count = 0;
    Query query(session, sql_(select_retried));
    query.with("tenant", tenant_id.to_string()).with("job", job_id.to_string());
    query.into(failure).into(count);
    while (query.next()) result.by_category[failure_of_text(failure).category] += count;
    return result;
  });
}

QueueStatistics SqlJobStore::queue_statistics(std::optional<TenantId> tenant_id) {
  return connections_.read([&](Session& session) {
    QueueStatistics result;
    std::uint64_t all = 0;
    std::optional<std::int64_t> oldest;
    std::int64_t now = 0;
    const auto tenant = tenant_id.value_or(TenantId()).to_string();
    {
      Query query(session, sql_(select_depth));
      query.with("any", tenant_id ? 0 : 1).with("tenant", tenant);
      query.into(result.leased).into(result.held).into(result.scheduled).into(result.retrying);
      query.into(all).into(oldest).into(now).next();
    }
    result.ready = all - result.leased - result.held - result.scheduled - result.retrying;
    if (oldest) result.oldest_ready = std::chrono::microseconds(now - *oldest);
    Query query(session, sql_(select_dead));
    query.with("any", tenant_id ? 0 : 1).with("tenant", tenant).into(result.dead).next();
    return result;
  });
}

std::vector<NodeStatus> SqlJobStore::list_nodes() {
  return connections_.read([&](Session& session) {
    auto held = read_held(session, sql_(select_held_tasks));
    std::vector<NodeStatus> nodes;
    NodeStatus row;
    std::string id;
    std::int64_t started_at = 0;
    std::int64_t age = 0;
    Query query(session, sql_(select_nodes));
    query.into(id).into(row.host).into(row.process_id).into(row.workers).into(started_at);
    query.into(age).into(row.batches_processed).into(row.records_processed);
    while (query.next()) {
      NodeStatus node = row;
      node.id = NodeId::parse(id).value_or(NodeId());
      node.started_at = time_of(started_at);
      node.heartbeat_age = std::chrono::microseconds(age);
      node.tasks = std::move(held[node.id]);
      if (!node.tasks.empty()) node.state = NodeState::working;
      if (node.heartbeat_age > lost_after) node.state = NodeState::lost;
      nodes.push_back(std::move(node));
    }
    return nodes;
  });
}

TenantUsage SqlJobStore::usage(TenantId tenant_id) {
  return connections_.read(tenant_id, [&](Session& session) {
    TenantUsage result;
    {
      std::string status;
      std::uint64_t jobs = 0;
      RecordCounts records;
      std::uint64_t attempts = 0;
      std::uint64_t retries = 0;
      Query query(session, sql_(select_statuses));
      query.with("tenant", tenant_id.to_string()).into(status).into(jobs);
      into(query, records);
      query.into(attempts).into(retries);
      while (query.next()) {
        result.jobs[parse_job_status(status).value_or(JobStatus::failed)] += jobs;
        result.records += records;
        result.batch_attempts += attempts;
        result.retries += retries;
      }
    }
    for (const auto& [span, counts] :
         {std::pair(hour, &result.last_hour), std::pair(day, &result.last_day)}) {
      Query query(session, sql_(select_recent));
      query.with("tenant", tenant_id.to_string()).with("span", span.count());
      into(query, *counts);
      query.next();
    }
    return result;
  });
}

}  // namespace freight::storage
