#include <set>
#include <utility>

#include "database/query.hpp"
#include "storage/jobs/sql_job_store.hpp"
#include "storage/queue/job_ending.hpp"
#include "storage/sql/value_texts.hpp"

// The part of SqlJobStore that hands out work and keeps its leases: nodes, claim, renew, retry.

namespace freight::storage {
namespace {

using database::Query;
using database::Session;

constexpr std::string_view insert_node =
    "INSERT INTO freight.nodes (node_id, host, process_id, workers, started_at, heartbeat_at)"
    " VALUES (@uuid(:node), :host, :process, :workers, @now, @now)"
    " ON CONFLICT (node_id) DO UPDATE SET heartbeat_at = excluded.heartbeat_at";
// Nodes that nobody saw for a day ended without a word.
constexpr std::string_view delete_old_nodes =
    "DELETE FROM freight.nodes WHERE heartbeat_at < @now - 86400000000";
constexpr std::string_view delete_node = "DELETE FROM freight.nodes WHERE node_id = @uuid(:node)";
constexpr std::string_view free_leases_of_node =
    "UPDATE freight.batch_queue SET lease_token = NULL, node_id = NULL, due_at = @now, delay = 0"
    " WHERE lease_token IS NOT NULL AND node_id = @uuid(:node)";
constexpr std::string_view heartbeat =
    "UPDATE freight.nodes SET heartbeat_at = @now, batches_processed = :batches,"
    " records_processed = :records, affinities = :affinities WHERE node_id = @uuid(:node)";
constexpr std::string_view select_running_leases =
    "SELECT DISTINCT node_id FROM freight.batch_queue WHERE tenant_id = @uuid(:tenant)"
    " AND job_id = @uuid(:job) AND lease_token IS NOT NULL AND due_at > @now";
// Locked in one order in PostgreSQL, as acknowledge() does.
constexpr std::string_view prolong =
    "UPDATE freight.batch_queue AS q SET due_at = @now + :lease, delay = :lease"
    " FROM @lite{@rows(:rows r, token uuid)}"
    " @pg{(SELECT c.token FROM @rows(:rows c, token uuid)"
    "  JOIN freight.batch_queue AS l ON l.lease_token = c.token"
    "  ORDER BY l.tenant_id, l.job_id, l.batch_id FOR UPDATE OF l) AS r}"
    " WHERE q.lease_token = r.token AND q.node_id = @uuid(:node) RETURNING lease_token, lane";
// Only of leases whose job is held, which is rare.
constexpr std::string_view select_held =
    "SELECT q.lease_token, j.status FROM @rows(:rows r, token uuid)"
    " JOIN freight.batch_queue AS q ON q.lease_token = r.token"
    " JOIN freight.migration_jobs AS j ON j.tenant_id = q.tenant_id AND j.job_id = q.job_id";
constexpr std::string_view write_waiting_on =
    "UPDATE freight.migration_jobs SET updated_at = @now, log_sequence = :log_sequence,"
    " waiting_on = :waiting_on WHERE tenant_id = @uuid(:tenant) AND job_id = @uuid(:job)";

void read_held(Session& session, const std::string& sql, std::string rows, RenewResult& result) {
  std::string token;
  std::string status;
  Query query(session, sql);
  query.with("rows", std::move(rows)).into(token).into(status);
  while (query.next()) {
    const auto id = LeaseToken::parse(token).value_or(LeaseToken());
    const bool cancelling = status == to_string(JobStatus::cancelling);
    (cancelling ? result.cancelling : result.paused).push_back(id);
  }
}

/// One a line, each between two line ends.
std::string lines_of(const std::vector<std::string>& texts) {
  std::string lines = "\n";
  for (const auto& text : texts) lines += storable_text(text) + '\n';
  return lines;
}

}  // namespace

void SqlJobStore::register_node(const NodeInfo& node) {
  liveness_.enter(node.id);
  connections_.write([&](Session& session) {
    Query(session, sql_(delete_old_nodes)).execute();
    Query(session, sql_(insert_node))
        .with("node", node.id.to_string())
        .with("host", storable_text(node.host))
        .with("process", node.process_id)
        .with("workers", node.workers)
        .execute();
  });
}

void SqlJobStore::remove_node(NodeId node_id) {
  connections_.write([&](Session& session) {
    Query(session, sql_(free_leases_of_node)).with("node", node_id.to_string()).execute();
    Query(session, sql_(delete_node)).with("node", node_id.to_string()).execute();
  });
  liveness_.leave(node_id);
}

bool SqlJobStore::is_running(TenantId tenant_id, JobId job_id) {
  const auto nodes = connections_.read([&](Session& session) {
    std::vector<NodeId> found;
    std::string node;
    Query query(session, sql_(select_running_leases));
    query.with("tenant", tenant_id.to_string()).with("job", job_id.to_string()).into(node);
    while (query.next()) found.push_back(NodeId::parse(node).value_or(NodeId()));
    return found;
  });
  for (const auto node : nodes) {
    if (!liveness_.is_dead(node)) return true;
  }
  return false;
}

void SqlJobStore::forget_nodes(const TaskQueue::NodeCleanup& cleanup) {
  for (const auto node : cleanup.dead) liveness_.leave(node);
}

std::vector<Task> SqlJobStore::claim(const ClaimRequest& request) {
  TaskQueue::NodeCleanup cleanup;
  auto tasks = write([&](Session& session, EventWriter& events) {
    ShareChanges changes;
    cleanup = {};
    auto claimed = queue_.claim(session, request, changes, cleanup, events);
    queue_.apply(session, changes);
    return claimed;
  });
  forget_nodes(cleanup);
  return tasks;
}

RenewResult SqlJobStore::renew(const Heartbeat& beat) {
  JsonRows rows;
  for (const auto& token : beat.tokens) {
    rows.begin_row();
    rows.add("token", token);
  }
  const auto text = rows.take();
  const std::chrono::microseconds duration = beat.lease;
  return connections_.write([&](Session& session) {
    Query(session, sql_(heartbeat))
        .with("batches", beat.batches_processed)
        .with("records", beat.records_processed)
        .with("affinities", lines_of(beat.affinities))
        .with("node", beat.node_id.to_string())
        .execute();
    std::set<LeaseToken> kept;
    JsonRows held;
    {
      std::string token;
      int lane = 0;
      Query query(session, sql_(prolong));
      query.with("lease", duration.count())
          .with("rows", text)
          .with("node", beat.node_id.to_string())
          .into(token)
          .into(lane);
      while (query.next()) {
        kept.insert(LeaseToken::parse(token).value_or(LeaseToken()));
        if (lane < 2) continue;
        held.begin_row();
        held.add("token", std::string_view(token));
      }
    }
    RenewResult result;
    for (const auto& token : beat.tokens) {
      if (!kept.contains(token)) result.lost.push_back(token);
    }
    if (!held.empty()) read_held(session, sql_(select_held), held.take(), result);
    return result;
  });
}

TaskRetryResult SqlJobStore::retry_task(const TaskRetry& retry) {
  return write([&](Session& session, EventWriter& events) {
    auto job = lock_job(session, sql_, {retry.tenant_id, retry.job_id});
    if (!job) return TaskRetryResult{.lost = true};
    const auto key = queue_.find_task(session, retry.tenant_id, retry.job_id, retry.token);
    if (!key) return TaskRetryResult{.lost = true};
    if (job->status == JobStatus::cancelling) {
      ShareChanges changes;
      queue_.remove(session, {&*key, 1}, changes);
      const bool ended = JobEnding(session, sql_, queue_, events).end_if_cancelled(*job, changes);
      queue_.apply(session, changes);
      return TaskRetryResult{.cancelled = ended};
    }
    const TaskQueue::Return item{*key, retry.retry_in, retry.failure && retry.counted};
    queue_.give_back(session, {&item, 1});
    if (!retry.failure) return TaskRetryResult();
    LogWriter log(session, sql_, events);
    auto waiting = job->waiting_on;
    if (retry.counted) {
      const auto detail = text_of(*retry.failure);
      log.add(*job, {.event = key->kind == TaskKind::plan ? "plan_retried" : "finish_retried",
                     .code = retry.failure->code,
                     .detail = detail});
    } else {
      waiting = waiting_text(*job, *retry.failure, retry.retry_in, log);
    }
    log.flush();
    Query(session, sql_(write_waiting_on))
        .with("log_sequence", job->log_sequence)
        .with("waiting_on", waiting)
        .with("tenant", retry.tenant_id.to_string())
        .with("job", retry.job_id.to_string())
        .execute();
    return TaskRetryResult();
  });
}

}  // namespace freight::storage
