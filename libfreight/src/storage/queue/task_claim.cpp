#include <algorithm>
#include <set>

#include "core/enum_names.hpp"
#include "database/query.hpp"
#include "storage/queue/claimed_jobs.hpp"
#include "storage/queue/task_queue.hpp"
#include "storage/sql/value_texts.hpp"

// The part of TaskQueue that claims.
//
// Fair queueing by start tags (P. Goyal, H. Vin, H. Cheng, "Start-time Fair Queuing", SIGCOMM
// 1996): a task's tag is the virtual time at which its tenant may begin it, the lowest tag goes
// first, and a tenant that comes back after a pause begins at the tag served last, without credit
// for its absence.

namespace freight::storage {
namespace {

using database::Query;
using database::Session;

// Whether a look at the queue is worth it, from the summary alone.
constexpr std::string_view select_waiting =
    "SELECT count(CASE WHEN queued_execute > 0 THEN 1 END),"
    " CAST(coalesce(sum(queued_execute), 0) AS BIGINT),"
    " count(CASE WHEN queued_other > 0 THEN 1 END), CAST(coalesce(sum(queued_other), 0) AS BIGINT)"
    " FROM freight.tenant_shares WHERE claimable = 1";
// Candidates are the first rows of each of the tenants whose turn it is; both numbers are bounded,
// so that a claim costs the same whatever waits. PostgreSQL: others may hold some of them at this
// moment, and passing over them is cheaper than waiting.
constexpr std::string_view select_due =
    "WITH served AS ("
    "  SELECT claim_start AS tag FROM freight.tenant_shares"
    "  ORDER BY claimed_at DESC, claim_start LIMIT 1),"
    " turns AS ("
    "  SELECT s.tenant_id, s.weight, @greatest(s.virtual_time, served.tag) AS origin,"
    "   CASE WHEN coalesce(s.max_jobs, s.max_batches, s.records_per_second) IS NULL"
    "    THEN 0 ELSE 1 END AS limited"
    "  FROM freight.tenant_shares AS s CROSS JOIN served"
    "  WHERE s.claimable = 1 AND s.held_until <= @now"
    "   AND CASE WHEN CAST(:lane AS BIGINT) = 0 THEN s.queued_execute ELSE s.queued_other END > 0"
    "  ORDER BY origin, s.tenant_id LIMIT :tenants),"
    " candidates AS ("
    "  SELECT q.tenant_id, q.job_id, q.kind, q.batch_id, q.priority, q.sequence, t.limited,"
    "   t.origin + CAST(sum(@greatest(q.records, 1)) OVER (PARTITION BY q.tenant_id"
    "    ORDER BY q.priority, q.job_id, q.sequence, q.kind"
    "    ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)"
    "    - @greatest(q.records, 1) AS DOUBLE PRECISION) / t.weight AS tag"
    "  FROM turns AS t CROSS JOIN"
    "   @pg{LATERAL (SELECT * FROM freight.batch_queue AS w}"
    "   @lite{batch_queue AS q ON q.rowid IN (SELECT w.rowid FROM batch_queue AS w}"
    "    WHERE w.tenant_id = t.tenant_id AND w.lane = :lane"
    "     AND (w.due_at <= @now OR w.delay = 0)"
    "     AND (CAST(:any_job AS BIGINT) = 1 OR w.job_id = @uuid(:job))"
    "     AND (w.node_affinity = '' OR w.node_affinity IN (SELECT"
    "      @pg{jsonb_array_elements_text(CAST(:affinities AS jsonb))}"
    "      @lite{value FROM json_each(:affinities)}))"
    "     AND (w.ordered = 0 OR (w.sequence <= CAST(:ahead AS BIGINT) + (SELECT min(f.sequence)"
    "       FROM freight.batch_queue AS f WHERE f.tenant_id = w.tenant_id AND f.lane = w.lane"
    "        AND f.priority = w.priority AND f.job_id = w.job_id)"
    "      AND NOT EXISTS (SELECT 1 FROM freight.batch_queue AS e"
    "       WHERE e.tenant_id = w.tenant_id AND e.lane = w.lane AND e.priority = w.priority"
    "        AND e.job_id = w.job_id AND e.sequence < w.sequence AND e.due_at > @now"
    "        AND coalesce(e.delay, 1) > 0"
    "        AND (e.node_id IS NULL OR e.node_id <> @uuid(:node)))))"
    "    ORDER BY w.priority, w.job_id, w.sequence LIMIT :depth)@pg{ AS q}),"
    " front AS @pg{MATERIALIZED} ("
    "  SELECT * FROM candidates ORDER BY tag, priority, job_id, sequence LIMIT :depth)"
    " SELECT q.tenant_id, q.job_id, q.kind, q.batch_id, q.sequence, q.records, q.ordered,"
    "  q.attempt, q.first_attempt_at, c.tag, b.first_ordinal, b.byte_offset, b.byte_length,"
    "  b.first_line, b.locator, b.content_hash, b.kind, @now, c.limited"
    " FROM front AS c"
    " JOIN freight.batch_queue AS q ON q.tenant_id = c.tenant_id AND q.job_id = c.job_id"
    "  AND q.kind = c.kind AND q.batch_id = c.batch_id"
    " LEFT JOIN freight.migration_batches AS b ON q.kind = 'execute' AND b.tenant_id = q.tenant_id"
    "  AND b.job_id = q.job_id AND b.sequence = q.sequence"
    " WHERE (q.due_at <= @now OR q.delay = 0) AND q.lane = :lane"
    " ORDER BY c.tag, c.priority, c.job_id, c.sequence LIMIT :limit"
    "@pg{ FOR UPDATE OF q SKIP LOCKED}";
constexpr std::string_view of_migration =
    "     AND w.job_id IN (SELECT m.job_id FROM freight.migration_jobs AS m"
    "      WHERE m.tenant_id = @uuid(:of_tenant) AND m.migration_id = @uuid(:migration))";
constexpr std::string_view write_leases =
    "UPDATE freight.batch_queue AS q SET lease_token = r.token, node_id = @uuid(:node),"
    " due_at = @now + :lease, delay = :lease, first_attempt_at = r.first_attempt_at"
    " FROM @rows(:rows r, tenant_id uuid, job_id uuid, kind text, batch_id uuid, token uuid,"
    " first_attempt_at bigint)"
    " WHERE q.tenant_id = r.tenant_id AND q.job_id = r.job_id AND q.kind = r.kind"
    " AND q.batch_id = r.batch_id";
// A statement of its own, after the leases are written: of two nodes that claim at the same instant
// at most one sees all the predecessors of a batch as its own.
constexpr std::string_view select_strangers =
    "SELECT r.job_id, min(q.sequence) FROM @rows(:rows r, tenant_id uuid, job_id uuid)"
    " JOIN freight.batch_queue AS q ON q.tenant_id = r.tenant_id AND q.job_id = r.job_id"
    "  AND q.kind = 'execute'"
    "  AND (q.node_id IS NULL OR q.node_id <> @uuid(:node) OR q.due_at <= @now)"
    " GROUP BY r.job_id";
// What is scheduled and due is pending for no longer than this statement.
constexpr std::string_view write_started =
    "UPDATE freight.migration_jobs AS j SET status = 'running', updated_at = @now,"
    " started_at = coalesce(j.started_at, @now), log_sequence = j.log_sequence + 1,"
    " deadline_at = CASE WHEN j.timeout > 0 THEN coalesce(j.deadline_at, @now + j.timeout) END"
    " FROM @rows(:rows r, tenant_id uuid, job_id uuid)"
    " WHERE j.tenant_id = r.tenant_id AND j.job_id = r.job_id"
    "  AND j.status IN ('pending', 'scheduled')"
    " RETURNING @pg{j.tenant_id, j.job_id, j.log_sequence}@lite{tenant_id, job_id, log_sequence}";
constexpr std::string_view log_started =
    "INSERT INTO freight.migration_logs (tenant_id, job_id, log_sequence, logged_at, event)"
    " SELECT r.tenant_id, r.job_id, r.log_sequence, @now, 'job_started'"
    " FROM @rows(:rows r, tenant_id uuid, job_id uuid, log_sequence bigint)";
// A statement of its own, after the task's row is locked: a planner that lost its lease may have
// written its last chunk while this claim looked for work.
constexpr std::string_view select_positions =
    "SELECT j.tenant_id, j.job_id, j.plan_position FROM"
    " @rows(:rows r, tenant_id uuid, job_id uuid)"
    " JOIN freight.migration_jobs AS j ON j.tenant_id = r.tenant_id AND j.job_id = r.job_id";
constexpr std::string_view select_node_ids = "SELECT node_id FROM freight.nodes";
constexpr std::string_view free_leases =
    "UPDATE freight.batch_queue SET lease_token = NULL, node_id = NULL, due_at = @now, delay = 0"
    " WHERE lease_token IS NOT NULL AND node_id IN (SELECT r.node_id FROM"
    " @rows(:rows r, node_id uuid))";
constexpr std::string_view delete_nodes =
    "DELETE FROM freight.nodes WHERE node_id IN (SELECT r.node_id FROM"
    " @rows(:rows r, node_id uuid))";

/// select_due for the jobs of one migration alone. In the statement of all claims that condition
/// would be planned with each of them, and cost so much on paper that a server compiles them.
std::string_view select_due_of_migration() {
  static const std::string statement = [] {
    std::string text(select_due);
    return text.insert(text.find("     AND (w.node_affinity = ''"), of_migration);
  }();
  return statement;
}

TaskKind kind_of(std::string_view name) {
  for (const auto kind : {TaskKind::plan, TaskKind::execute, TaskKind::finish}) {
    if (to_string(kind) == name) return kind;
  }
  return TaskKind::execute;
}

}  // namespace

std::vector<TaskQueue::Claimed> TaskQueue::select_within(Session& session,
                                                         const ClaimRequest& request, int lane,
                                                         std::uint32_t limit, std::uint64_t tenants,
                                                         std::uint64_t depth) {
  std::vector<Claimed> found;
  Claimed row;
  auto& range = row.task.range;
  std::string tenant;
  std::string job;
  std::string kind;
  std::string batch;
  std::uint32_t attempts = 0;
  std::optional<std::int64_t> first_attempt_at;
  Query query(session, sql_(request.only_migration ? select_due_of_migration() : select_due));
  if (request.only_migration) {
    query.with("of_tenant", request.only_migration->tenant_id.to_string())
        .with("migration", request.only_migration->migration_id.to_string());
  }
  query.with("tenants", tenants)
      .with("lane", lane)
      .with("any_job", request.only_job ? 0 : 1)
      .with("job", request.only_job.value_or(JobId()).to_string())
      .with("affinities", text_of(request.affinities))
      .with("ahead", request.max_ordered)
      .with("node", request.node_id.to_string())
      .with("depth", depth)
      .with("limit", limit);
  query.into(tenant).into(job).into(kind).into(batch).into(row.task.sequence).into(row.records);
  query.into(row.task.ordered).into(attempts).into(first_attempt_at).into(row.tag);
  query.into(range.first_ordinal).into(range.byte_offset).into(range.byte_length);
  query.into(range.first_line).into(range.locator).into(range.content_hash);
  std::optional<std::string> batch_kind;
  query.into(batch_kind).into(row.now).into(row.limited);
  while (query.next()) {
    row.task.token = LeaseToken::generate();
    row.task.tenant_id = TenantId::parse(tenant).value_or(TenantId());
    row.task.job_id = JobId::parse(job).value_or(JobId());
    row.task.kind = kind_of(kind);
    row.task.batch_id = BatchId::parse(batch).value_or(BatchId());
    row.task.attempt = attempts + 1;
    row.task.first_attempt_at =
        Timestamp(std::chrono::microseconds(first_attempt_at.value_or(row.now)));
    row.task.batch_kind = parse_batch_kind(batch_kind.value_or("")).value_or(BatchKind::planned);
    range.records = row.records;
    found.push_back(row);
  }
  return found;
}

TaskQueue::Lanes TaskQueue::count_waiting(Session& session) {
  Lanes lanes;
  Query query(session, sql_(select_waiting));
  query.into(lanes.execute.tenants).into(lanes.execute.rows);
  query.into(lanes.other.tenants).into(lanes.other.rows).next();
  return lanes;
}

std::vector<TaskQueue::Claimed> TaskQueue::select(Session& session, const ClaimRequest& request,
                                                  int lane, std::uint32_t limit,
                                                  const Waiting& waiting) {
  if (limit == 0 || waiting.rows == 0) return {};
  const std::uint64_t tenants = limit + 16;
  const std::uint64_t depth = limit + 8;
  auto found = select_within(session, request, lane, limit, tenants, depth);
  if (found.size() == limit || (waiting.tenants <= tenants && waiting.rows <= depth)) return found;
  // The tenants in front had too little that is due, or others were quicker: look at all of them.
  return select_within(session, request, lane, limit, waiting.tenants, 4 * depth);
}

void TaskQueue::lease(Session& session, const ClaimRequest& request,
                      std::vector<Claimed>& claimed) {
  JsonRows rows;
  for (const auto& item : claimed) {
    rows.begin_row();
    rows.add("tenant_id", item.task.tenant_id)
        .add("job_id", item.task.job_id)
        .add("kind", to_string(item.task.kind))
        .add("batch_id", item.task.batch_id)
        .add("token", item.task.token)
        .add("first_attempt_at", item.task.first_attempt_at.time_since_epoch().count());
  }
  const std::chrono::microseconds duration = request.lease;
  Query(session, sql_(write_leases))
      .with("node", request.node_id.to_string())
      .with("lease", duration.count())
      .with("rows", rows.take())
      .execute();
}

void TaskQueue::give_back_disordered(Session& session, const ClaimRequest& request,
                                     std::vector<Claimed>& claimed) {
  std::set<std::pair<TenantId, JobId>> jobs;
  for (const auto& item : claimed) {
    if (item.task.ordered) jobs.emplace(item.task.tenant_id, item.task.job_id);
  }
  if (jobs.empty()) return;
  JsonRows rows;
  for (const auto& [tenant, job] : jobs) {
    rows.begin_row();
    rows.add("tenant_id", tenant).add("job_id", job);
  }
  std::map<JobId, std::uint64_t> strangers;
  std::string job;
  std::uint64_t sequence = 0;
  Query query(session, sql_(select_strangers));
  query.with("rows", rows.take()).with("node", request.node_id.to_string());
  query.into(job).into(sequence);
  while (query.next()) strangers[JobId::parse(job).value_or(JobId())] = sequence;
  std::vector<Return> returns;
  const auto kept = std::stable_partition(claimed.begin(), claimed.end(), [&](const auto& item) {
    const auto stranger = strangers.find(item.task.job_id);
    return !item.task.ordered || stranger == strangers.end() ||
           item.task.sequence < stranger->second;
  });
  for (auto item = kept; item != claimed.end(); ++item) {
    const auto& task = item->task;
    returns.push_back({.key = {task.tenant_id, task.job_id, task.kind, task.batch_id}});
  }
  claimed.erase(kept, claimed.end());
  give_back(session, returns);
}

void TaskQueue::start_jobs(Session& session, const std::vector<Claimed>& claimed,
                           EventWriter& events) {
  std::set<std::pair<TenantId, JobId>> jobs;
  for (const auto& item : claimed) jobs.emplace(item.task.tenant_id, item.task.job_id);
  JsonRows rows;
  for (const auto& [tenant, job] : jobs) {
    rows.begin_row();
    rows.add("tenant_id", tenant).add("job_id", job);
  }
  JsonRows log;
  std::string tenant;
  std::string job;
  std::uint64_t sequence = 0;
  Query query(session, sql_(write_started));
  query.with("rows", rows.take()).into(tenant).into(job).into(sequence);
  while (query.next()) {
    log.begin_row();
    log.add("tenant_id", std::string_view(tenant))
        .add("job_id", std::string_view(job))
        .add("log_sequence", sequence);
    const JobReference reference{TenantId::parse(tenant).value_or(TenantId()),
                                 JobId::parse(job).value_or(JobId())};
    events.state(reference, JobStatus::running);
    events.log(reference, sequence, "job_started", std::nullopt, std::nullopt, std::nullopt);
  }
  if (!log.empty()) Query(session, sql_(log_started)).with("rows", log.take()).execute();
}

void TaskQueue::read_plan_positions(Session& session, std::vector<Claimed>& claimed) {
  JsonRows rows;
  for (const auto& item : claimed) {
    if (item.task.kind != TaskKind::plan) continue;
    rows.begin_row();
    rows.add("tenant_id", item.task.tenant_id).add("job_id", item.task.job_id);
  }
  if (rows.empty()) return;
  std::string tenant;
  std::string job;
  std::string position;
  Query query(session, sql_(select_positions));
  query.with("rows", rows.take()).into(tenant).into(job).into(position);
  while (query.next()) {
    const auto id = JobId::parse(job).value_or(JobId());
    for (auto& item : claimed) {
      if (item.task.kind == TaskKind::plan && item.task.job_id == id) {
        item.task.plan_position = position;
      }
    }
  }
}

void TaskQueue::free_dead_nodes(Session& session, NodeId self, NodeCleanup& cleanup) {
  if (!liveness_.can_tell()) return;
  std::string node;
  Query query(session, sql_(select_node_ids));
  query.into(node);
  std::vector<NodeId> dead;
  while (query.next()) {
    const auto id = NodeId::parse(node).value_or(NodeId());
    if (id != self && liveness_.is_dead(id)) dead.push_back(id);
  }
  if (dead.empty()) return;
  JsonRows rows;
  for (const auto id : dead) {
    rows.begin_row();
    rows.add("node_id", id);
  }
  const auto text = rows.take();
  Query(session, sql_(free_leases)).with("rows", text).execute();
  Query(session, sql_(delete_nodes)).with("rows", text).execute();
  cleanup.dead = std::move(dead);
}

std::vector<Task> TaskQueue::claim(Session& session, const ClaimRequest& request,
                                   ShareChanges& changes, NodeCleanup& cleanup,
                                   EventWriter& events) {
  if (request.max_execute == 0 && request.max_other == 0) return {};
  free_dead_nodes(session, request.node_id, cleanup);
  const auto waiting = count_waiting(session);
  auto claimed = select(session, request, 1, request.max_other, waiting.other);
  auto batches = select(session, request, 0, request.max_execute, waiting.execute);
  std::move(batches.begin(), batches.end(), std::back_inserter(claimed));
  keep_limits(session, claimed, changes);
  if (claimed.empty()) return {};
  lease(session, request, claimed);
  give_back_disordered(session, request, claimed);
  if (claimed.empty()) return {};
  start_jobs(session, claimed, events);
  read_plan_positions(session, claimed);
  std::vector<Task> tasks;
  for (auto& item : claimed) {
    auto& change = changes[item.task.tenant_id];
    change.claim_start = change.claimed ? std::min(change.claim_start, item.tag) : item.tag;
    change.claimed = true;
    change.claimed_at = item.now;
    change.records += std::max<std::uint64_t>(item.records, 1);
    tasks.push_back(std::move(item.task));
  }
  read_small_jobs(session, sql_, tasks);
  return tasks;
}

}  // namespace freight::storage
