#include "storage/queue/task_queue.hpp"

#include "core/enum_names.hpp"
#include "database/query.hpp"

namespace freight::storage {
namespace {

using database::Query;
using database::Session;

constexpr core::EnumNames<3> kind_names{"plan", "execute", "finish"};

constexpr std::string_view insert_entries =
    "INSERT INTO freight.batch_queue (tenant_id, job_id, kind, batch_id, lane, priority, sequence,"
    " records, node_affinity, ordered, attempt, due_at, delay)"
    " SELECT r.tenant_id, r.job_id, r.kind, r.batch_id, r.lane, r.priority, r.sequence, r.records,"
    " r.node_affinity, CASE WHEN r.lane = 0 THEN coalesce((SELECT j.ordered"
    "  FROM freight.migration_jobs AS j WHERE j.tenant_id = r.tenant_id AND j.job_id = r.job_id),"
    "  0) ELSE 0 END, 0, coalesce(r.due_at, @now), CASE WHEN r.due_at IS NULL THEN 0 END"
    " FROM @rows(:rows r, tenant_id uuid, job_id uuid, kind text, batch_id uuid, lane bigint,"
    " priority bigint, sequence bigint, records bigint, node_affinity text, due_at bigint)"
    " WHERE true ON CONFLICT DO NOTHING RETURNING tenant_id, lane";
constexpr std::string_view delete_entries =
    "DELETE FROM freight.batch_queue WHERE (tenant_id, job_id, kind, batch_id) IN"
    " (SELECT r.tenant_id, r.job_id, r.kind, r.batch_id FROM"
    " @rows(:rows r, tenant_id uuid, job_id uuid, kind text, batch_id uuid)) RETURNING tenant_id, "
    "lane";
constexpr std::string_view delete_jobs =
    "DELETE FROM freight.batch_queue WHERE (tenant_id, job_id) IN (SELECT r.tenant_id, r.job_id"
    " FROM @rows(:rows r, tenant_id uuid, job_id uuid)) RETURNING tenant_id, lane";
constexpr std::string_view delete_idle =
    "DELETE FROM freight.batch_queue WHERE tenant_id = @uuid(:tenant) AND job_id = @uuid(:job)"
    " AND (lease_token IS NULL OR due_at <= @now) RETURNING tenant_id, lane";
constexpr std::string_view hold =
    "UPDATE freight.batch_queue SET lane = lane + 2 WHERE tenant_id = @uuid(:tenant)"
    " AND job_id = @uuid(:job) AND lane < 2 RETURNING tenant_id, lane - 2";
constexpr std::string_view release =
    "UPDATE freight.batch_queue SET lane = lane - 2 WHERE tenant_id = @uuid(:tenant)"
    " AND job_id = @uuid(:job) AND lane > 1 RETURNING tenant_id, lane";
constexpr std::string_view count_tasks =
    "SELECT count(*), count(lease_token) FROM freight.batch_queue"
    " WHERE tenant_id = @uuid(:tenant) AND job_id = @uuid(:job)";
constexpr std::string_view return_entries =
    "UPDATE freight.batch_queue AS q SET lease_token = NULL, node_id = NULL,"
    " due_at = @now + r.delay, delay = r.delay, attempt = q.attempt + r.counted"
    " FROM @rows(:rows r, tenant_id uuid, job_id uuid, kind text, batch_id uuid, delay bigint,"
    " counted bigint)"
    " WHERE q.tenant_id = r.tenant_id AND q.job_id = r.job_id AND q.kind = r.kind"
    " AND q.batch_id = r.batch_id";
constexpr std::string_view find_leased =
    "SELECT q.kind FROM freight.batch_queue AS q WHERE q.tenant_id = @uuid(:tenant)"
    " AND q.job_id = @uuid(:job) AND q.lane IN (1, 3) AND q.lease_token = @uuid(:token)@pg{ FOR "
    "UPDATE}";
constexpr std::string_view select_leases =
    "SELECT q.lease_token FROM @rows(:rows r, tenant_id uuid, job_id uuid, token uuid)"
    " JOIN freight.batch_queue AS q ON q.tenant_id = r.tenant_id AND q.job_id = r.job_id"
    "  AND q.lease_token = r.token"
    " ORDER BY q.tenant_id, q.job_id, q.batch_id@pg{ FOR UPDATE OF q}";
constexpr std::string_view count_job_batches =
    "SELECT count(*) FROM freight.batch_queue WHERE tenant_id = @uuid(:tenant)"
    " AND job_id = @uuid(:job) AND kind = 'execute'";
// Ordered in PostgreSQL, so that two transactions never lock two tenants crosswise.
constexpr std::string_view update_shares =
    "UPDATE freight.tenant_shares AS s SET queued_execute = s.queued_execute + r.queued_execute,"
    " queued_other = s.queued_other + r.queued_other,"
    " virtual_time = CASE WHEN r.claimed = 1"
    "  THEN @greatest(s.virtual_time, r.claim_start) + r.work / s.weight ELSE s.virtual_time END,"
    " claim_start = CASE WHEN r.claimed = 1 THEN r.claim_start ELSE s.claim_start END,"
    " claimed_at = CASE WHEN r.claimed = 1 THEN @greatest(s.claimed_at, r.claimed_at)"
    "  ELSE s.claimed_at END,"
    " held_until = CASE WHEN r.held_until > 0 THEN r.held_until ELSE s.held_until END"
    " FROM @lite{@rows(:rows r, tenant_id uuid, queued_execute bigint, queued_other bigint, "
    "claimed bigint, work double,"
    "  claim_start double, claimed_at bigint, held_until bigint)}"
    " @pg{(SELECT c.* FROM @rows(:rows c, tenant_id uuid, queued_execute bigint, queued_other "
    "bigint, claimed bigint, work "
    "double,"
    "  claim_start double, claimed_at bigint, held_until bigint)"
    "  JOIN freight.tenant_shares AS l ON l.tenant_id = c.tenant_id"
    "  ORDER BY l.tenant_id FOR UPDATE OF l) AS r}"
    " WHERE s.tenant_id = r.tenant_id";

void add_key(JsonRows& rows, const TaskQueue::Key& key) {
  rows.begin_row();
  rows.add("tenant_id", key.tenant_id)
      .add("job_id", key.job_id)
      .add("kind", to_string(key.kind))
      .add("batch_id", key.batch_id);
}

void count_lanes(Query& query, ShareChanges& changes, std::int64_t step) {
  std::string tenant;
  int lane = 0;
  query.into(tenant).into(lane);
  while (query.next()) {
    if (lane > 1) continue;
    auto& change = changes[TenantId::parse(tenant).value_or(TenantId())];
    (lane == 0 ? change.queued_execute : change.queued_other) += step;
  }
}

}  // namespace

std::string_view to_string(TaskKind kind) { return core::enum_name(kind_names, kind); }

void TaskQueue::add(Session& session, std::span<const Entry> entries, ShareChanges& changes) {
  if (entries.empty()) return;
  JsonRows rows;
  for (const auto& entry : entries) {
    add_key(rows, {entry.tenant_id, entry.job_id, entry.kind, entry.batch_id});
    rows.add("lane", (entry.kind == TaskKind::execute ? 0 : 1) + (entry.held ? 2 : 0))
        .add("priority", entry.priority)
        .add("sequence", entry.sequence)
        .add("records", entry.records)
        .add("node_affinity", entry.node_affinity)
        .add("due_at", entry.due_at);
  }
  Query query(session, sql_(insert_entries));
  query.with("rows", rows.take());
  count_lanes(query, changes, 1);
}

void TaskQueue::remove(Session& session, std::span<const Key> keys, ShareChanges& changes) {
  if (keys.empty()) return;
  JsonRows rows;
  for (const auto& key : keys) add_key(rows, key);
  Query query(session, sql_(delete_entries));
  query.with("rows", rows.take());
  count_lanes(query, changes, -1);
}

void TaskQueue::remove_jobs(Session& session, std::span<const JobReference> jobs,
                            ShareChanges& changes) {
  JsonRows rows;
  for (const auto& job : jobs) {
    rows.begin_row();
    rows.add("tenant_id", job.tenant_id).add("job_id", job.job_id);
  }
  Query query(session, sql_(delete_jobs));
  query.with("rows", rows.take());
  count_lanes(query, changes, -1);
}

void TaskQueue::remove_idle(Session& session, TenantId tenant_id, JobId job_id,
                            ShareChanges& changes) {
  Query query(session, sql_(delete_idle));
  query.with("tenant", tenant_id.to_string()).with("job", job_id.to_string());
  count_lanes(query, changes, -1);
}

void TaskQueue::hold_job(Session& session, TenantId tenant_id, JobId job_id,
                         ShareChanges& changes) {
  Query query(session, sql_(hold));
  query.with("tenant", tenant_id.to_string()).with("job", job_id.to_string());
  count_lanes(query, changes, -1);
}

void TaskQueue::release_job(Session& session, TenantId tenant_id, JobId job_id,
                            ShareChanges& changes) {
  Query query(session, sql_(release));
  query.with("tenant", tenant_id.to_string()).with("job", job_id.to_string());
  count_lanes(query, changes, 1);
}

TaskQueue::Counts TaskQueue::count(Session& session, TenantId tenant_id, JobId job_id) {
  Counts counts;
  Query query(session, sql_(count_tasks));
  query.with("tenant", tenant_id.to_string()).with("job", job_id.to_string());
  query.into(counts.tasks).into(counts.leased).next();
  return counts;
}

void TaskQueue::give_back(Session& session, std::span<const Return> returns) {
  if (returns.empty()) return;
  JsonRows rows;
  for (const auto& item : returns) {
    add_key(rows, item.key);
    const std::chrono::microseconds delay = item.delay;
    rows.add("delay", delay.count()).add("counted", item.counted ? 1 : 0);
  }
  Query(session, sql_(return_entries)).with("rows", rows.take()).execute();
}

std::set<LeaseToken> TaskQueue::find_leases(Session& session, std::span<const Lease> leases) {
  JsonRows rows;
  for (const auto& lease : leases) {
    rows.begin_row();
    rows.add("tenant_id", lease.job.tenant_id)
        .add("job_id", lease.job.job_id)
        .add("token", lease.token);
  }
  std::set<LeaseToken> found;
  if (rows.empty()) return found;
  std::string token;
  Query query(session, sql_(select_leases));
  query.with("rows", rows.take()).into(token);
  while (query.next()) found.insert(LeaseToken::parse(token).value_or(LeaseToken()));
  return found;
}

std::optional<TaskQueue::Key> TaskQueue::find_task(Session& session, TenantId tenant_id,
                                                   JobId job_id, LeaseToken token) {
  std::string kind;
  Query query(session, sql_(find_leased));
  query.with("tenant", tenant_id.to_string())
      .with("job", job_id.to_string())
      .with("token", token.to_string())
      .into(kind);
  if (!query.next()) return std::nullopt;
  return Key{tenant_id, job_id,
             core::parse_enum<TaskKind>(kind_names, kind).value_or(TaskKind::plan), BatchId()};
}

std::uint64_t TaskQueue::count_batches(Session& session, TenantId tenant_id, JobId job_id) {
  std::uint64_t found = 0;
  Query query(session, sql_(count_job_batches));
  query.with("tenant", tenant_id.to_string()).with("job", job_id.to_string()).into(found);
  query.next();
  return found;
}

void TaskQueue::apply(Session& session, const ShareChanges& changes) {
  JsonRows rows;
  for (const auto& [tenant, change] : changes) {
    if (change.queued_execute == 0 && change.queued_other == 0 && !change.claimed &&
        change.held_until == 0)
      continue;
    rows.begin_row();
    rows.add("tenant_id", tenant)
        .add("queued_execute", change.queued_execute)
        .add("queued_other", change.queued_other)
        .add("claimed", change.claimed ? 1 : 0)
        .add("work", static_cast<double>(change.records))
        .add("claim_start", change.claim_start)
        .add("claimed_at", change.claimed_at)
        .add("held_until", change.held_until);
  }
  if (rows.empty()) return;
  Query(session, sql_(update_shares)).with("rows", rows.take()).execute();
}

}  // namespace freight::storage
