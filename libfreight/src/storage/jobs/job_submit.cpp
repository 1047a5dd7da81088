#include <map>
#include <set>

#include "core/utf8.hpp"
#include "database/query.hpp"
#include "storage/jobs/sql_job_store.hpp"
#include "storage/queue/planned_batches.hpp"
#include "storage/sql/value_texts.hpp"

// The part of SqlJobStore that takes in jobs.

namespace freight::storage {
namespace {

using database::Query;
using database::Session;

// The lock makes one submit of a tenant come after the other, so that what the second sees of the
// tenant's jobs holds until it has written its own.
constexpr std::string_view lock_shares =
    "SELECT s.tenant_id FROM @rows(:rows r, tenant_id uuid)"
    " JOIN freight.tenant_shares AS s ON s.tenant_id = r.tenant_id"
    " JOIN freight.tenants AS t ON t.tenant_id = s.tenant_id"
    " WHERE t.deleted_at IS NULL ORDER BY s.tenant_id@pg{ FOR UPDATE OF s}";
constexpr std::string_view find_id =
    "SELECT job_id FROM freight.migration_jobs"
    " WHERE tenant_id = @uuid(:tenant) AND job_id = @uuid(:job)";
constexpr std::string_view find_newest =
    "SELECT job_id FROM freight.migration_jobs WHERE tenant_id = @uuid(:tenant)"
    " AND identity = :identity AND deleted_at IS NULL ORDER BY created_at DESC, job_id DESC LIMIT "
    "1";
constexpr std::string_view insert_rows =
    "INSERT INTO freight.migration_jobs (tenant_id, job_id, name, status, priority, labels,"
    " identity, load_identity, fingerprint, node_affinity, run_at, timeout, plan_format,"
    " plan_position, planned, records_planned, bytes_planned, records_read, records_succeeded,"
    " records_rejected, records_skipped, records_filtered, records_with_warnings, rows_inserted,"
    " rows_updated, rows_unchanged, bytes_read, batches_total, batches_completed, batches_failed,"
    " batch_attempts, retries, warnings, source_fields, unmapped_columns, unfilled_columns,"
    " reconciliation, log_sequence, ordered, restarts, bytes_total, source_count, described,"
    " migration_id, created_at, updated_at)"
    " SELECT r.tenant_id, r.job_id, r.name,"
    " CASE WHEN r.run_at > @now THEN 'scheduled' ELSE 'pending' END, r.priority, r.labels,"
    " r.identity, r.load_identity, r.fingerprint, r.node_affinity, r.run_at, r.timeout, 1, '',"
    " r.batches, r.records, r.bytes, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, r.batches, 0, 0, 0, 0,"
    " r.warnings, r.source_fields, '[]', '[]', '', 1 + r.batches, r.ordered, r.restarts,"
    " r.bytes_total, r.source_count, 1 - r.batches, r.migration_id, @now, @now FROM @rows(:rows r, "
    "tenant_id uuid, "
    "job_id uuid,"
    " name text, priority bigint, labels text, identity text, load_identity text, fingerprint "
    "text, node_affinity text,"
    " run_at bigint, timeout bigint, ordered bigint, restarts bigint, batches bigint,"
    " records bigint, bytes bigint, bytes_total bigint, source_count bigint, warnings text,"
    " source_fields text, migration_id uuid)"
    " WHERE true ON CONFLICT DO NOTHING"
    " RETURNING job_id, status";
constexpr std::string_view insert_specs =
    "INSERT INTO freight.migration_job_specs (tenant_id, job_id, spec)"
    " SELECT r.tenant_id, r.job_id, r.spec"
    " FROM @rows(:rows r, tenant_id uuid, job_id uuid, spec text)";
constexpr std::string_view insert_first_log =
    "INSERT INTO freight.migration_logs (tenant_id, job_id, log_sequence, logged_at, event)"
    " SELECT r.tenant_id, r.job_id, r.log_sequence, @now, r.event"
    " FROM @rows(:rows r, tenant_id uuid, job_id uuid, log_sequence bigint, event text)";
constexpr std::string_view delete_old_key =
    "DELETE FROM freight.idempotency_keys WHERE tenant_id = @uuid(:tenant)"
    " AND idempotency_key = :key AND created_at < @now - 604800000000";
constexpr std::string_view find_key =
    "SELECT request, job_id FROM freight.idempotency_keys"
    " WHERE tenant_id = @uuid(:tenant) AND idempotency_key = :key";
constexpr std::string_view find_submitted_job =
    "SELECT job_id FROM freight.idempotency_keys WHERE tenant_id = @uuid(:tenant)"
    " AND idempotency_key = :key AND created_at >= @now - 604800000000";
constexpr std::string_view insert_key =
    "INSERT INTO freight.idempotency_keys (tenant_id, idempotency_key, request, job_id, created_at)"
    " VALUES (@uuid(:tenant), :key, :request, @uuid(:job), @now)";

constexpr std::size_t max_jobs_together = 1000;
constexpr std::size_t max_key = 255;

std::optional<JobId> find_one(Session& session, const std::string& sql, TenantId tenant,
                              std::string_view name, const std::string& value) {
  std::string id;
  Query query(session, sql);
  query.with("tenant", tenant.to_string()).with(name, value).into(id);
  if (!query.next()) return std::nullopt;
  return JobId::parse(id);
}

bool is_storable(std::string_view text) {
  return text.find('\0') == std::string_view::npos && core::is_valid_utf8(text);
}

void check(const NewJob& job) {
  // Labels and warnings are JSON, where anything can be said; these are bare texts.
  for (const std::string* text : {&job.name, &job.spec, &job.identity, &job.load_identity,
                                  &job.fingerprint, &job.node_affinity}) {
    if (is_storable(*text)) continue;
    throw Error(Code::invalid_value,
                "the job's name, spec, identities, fingerprint and affinity are UTF-8 without NUL");
  }
  if (job.plan && job.plan->batch.first_ordinal != 0) {
    throw Error(Code::connector_failed, "the only batch of a plan begins with record 0");
  }
}

void add_plan(JsonRows& rows, const std::optional<SubmittedPlan>& plan) {
  rows.add("batches", plan ? 1 : 0)
      .add("records", plan ? plan->batch.records : 0)
      .add("bytes", plan ? plan->batch.byte_length : 0)
      .add("warnings", text_of(plan ? plan->warnings : std::vector<std::string>()))
      .add("source_fields", text_of(plan ? plan->source_fields : std::vector<std::string>()));
  if (!plan) return;
  rows.add("bytes_total", plan->bytes_total).add("source_count", plan->source_count);
}

struct FirstEvent {
  std::uint64_t log_sequence;
  std::string_view name;
};

void add_log(JsonRows& log, EventWriter& events, const JobReference& job, const FirstEvent& event) {
  log.begin_row();
  log.add("tenant_id", job.tenant_id)
      .add("job_id", job.job_id)
      .add("log_sequence", event.log_sequence)
      .add("event", event.name);
  events.log(job, event.log_sequence, event.name, std::nullopt, std::nullopt, std::nullopt);
}

void check(const IdempotencyKey& key) {
  if (!key.key.empty() && key.key.size() <= max_key && is_storable(key.key) &&
      is_storable(key.request)) {
    return;
  }
  throw Error(Code::invalid_value, "an idempotency key has 1 to 255 bytes of UTF-8 without NUL");
}

}  // namespace

void SqlJobStore::lock_tenants(Session& session, std::span<const JobSubmission> jobs) {
  std::set<TenantId> missing;
  for (const auto& submission : jobs) missing.insert(submission.job.tenant_id);
  JsonRows rows;
  for (const auto& tenant : missing) {
    rows.begin_row();
    rows.add("tenant_id", tenant);
  }
  std::string locked;
  Query query(session, sql_(lock_shares));
  query.with("rows", rows.take()).into(locked);
  while (query.next()) missing.erase(TenantId::parse(locked).value_or(TenantId()));
  if (missing.empty()) return;
  throw Error(Code::not_found, "there is no tenant " + missing.begin()->to_string());
}

// A job that is there already is left as it is: the answer to an earlier call was lost.
void SqlJobStore::insert_jobs(Session& session, EventWriter& events,
                              std::span<const JobSubmission> jobs) {
  JsonRows rows;
  for (const auto& [id, job] : jobs) {
    const std::chrono::microseconds timeout = job.timeout;
    rows.begin_row();
    rows.add("tenant_id", job.tenant_id)
        .add("job_id", id)
        .add("name", std::string_view(job.name))
        .add("priority", job.priority)
        .add("labels", text_of(job.labels))
        .add("identity", std::string_view(job.identity))
        .add("load_identity", std::string_view(job.load_identity))
        .add("fingerprint", std::string_view(job.fingerprint))
        .add("node_affinity", std::string_view(job.node_affinity))
        .add("timeout", timeout.count())
        .add("ordered", job.ordered ? 1 : 0)
        .add("restarts", job.restarts ? 1 : 0);
    rows.add("migration_id", job.migration_id);
    if (job.run_at) rows.add("run_at", job.run_at->time_since_epoch().count());
    add_plan(rows, job.plan);
  }
  std::map<JobId, JobStatus> inserted;
  {
    std::string id;
    std::string status;
    Query query(session, sql_(insert_rows));
    query.with("rows", rows.take()).into(id).into(status);
    while (query.next()) {
      inserted.emplace(JobId::parse(id).value_or(JobId()),
                       parse_job_status(status).value_or(JobStatus::pending));
    }
  }
  JsonRows specs;
  JsonRows log;
  PlannedBatches batches;
  std::vector<TaskQueue::Entry> entries;
  for (const auto& [id, job] : jobs) {
    const auto found = inserted.find(id);
    if (found == inserted.end()) continue;
    const JobReference reference{job.tenant_id, id};
    specs.begin_row();
    specs.add("tenant_id", job.tenant_id).add("job_id", id).add("spec", std::string_view(job.spec));
    entries.push_back({.tenant_id = job.tenant_id,
                       .job_id = id,
                       .kind = TaskKind::plan,
                       .batch_id = {},
                       .priority = job.priority,
                       .node_affinity = job.node_affinity});
    if (job.run_at && found->second == JobStatus::scheduled) {
      entries.back().due_at = job.run_at->time_since_epoch().count();
    }
    events.state(reference, found->second);
    add_log(log, events, reference, {1, "job_submitted"});
    if (!job.plan) continue;
    entries.back().kind = TaskKind::execute;
    entries.back().batch_id = batches.add(reference, 0, job.plan->batch);
    entries.back().records = job.plan->batch.records;
    add_log(log, events, reference, {2, "job_planned"});
  }
  if (entries.empty()) return;
  Query(session, sql_(insert_specs)).with("rows", specs.take()).execute();
  Query(session, sql_(insert_first_log)).with("rows", log.take()).execute();
  batches.insert(session, sql_);
  ShareChanges changes;
  queue_.add(session, entries, changes);
  queue_.apply(session, changes);
}

void SqlJobStore::submit(JobId id, const NewJob& job) {
  const JobSubmission submission{id, job};
  submit_many({&submission, 1});
}

void SqlJobStore::submit_many(std::span<const JobSubmission> jobs) {
  if (jobs.empty()) return;
  if (jobs.size() > max_jobs_together) {
    throw Error(Code::invalid_value, "up to 1000 jobs are submitted together");
  }
  for (const auto& submission : jobs) check(submission.job);
  write([&](Session& session, EventWriter& events) {
    lock_tenants(session, jobs);
    insert_jobs(session, events, jobs);
    return true;
  });
}

bool SqlJobStore::submit_after(JobId id, const NewJob& job, std::optional<JobId> newest) {
  check(job);
  const JobSubmission submission{id, job};
  return write([&](Session& session, EventWriter& events) {
    lock_tenants(session, {&submission, 1});
    if (find_one(session, sql_(find_id), job.tenant_id, "job", id.to_string())) return true;
    if (find_one(session, sql_(find_newest), job.tenant_id, "identity", job.identity) != newest) {
      return false;
    }
    insert_jobs(session, events, {&submission, 1});
    return true;
  });
}

std::optional<JobId> SqlJobStore::find_submitted(TenantId tenant_id, std::string_view key) {
  if (!is_storable(key)) return std::nullopt;
  return connections_.read(tenant_id, [&](Session& session) {
    return find_one(session, sql_(find_submitted_job), tenant_id, "key", std::string(key));
  });
}

SubmitResult SqlJobStore::submit_once(JobId id, const NewJob& job, const IdempotencyKey& key) {
  check(job);
  check(key);
  const JobSubmission submission{id, job};
  return write([&](Session& session, EventWriter& events) {
    lock_tenants(session, {&submission, 1});
    const auto tenant = job.tenant_id.to_string();
    Query(session, sql_(delete_old_key)).with("tenant", tenant).with("key", key.key).execute();
    std::string request;
    std::string first;
    Query find(session, sql_(find_key));
    if (find.with("tenant", tenant).with("key", key.key).into(request).into(first).next()) {
      return SubmitResult{.job_id = JobId::parse(first).value_or(JobId()),
                          .created = false,
                          .conflict = request != key.request};
    }
    Query(session, sql_(insert_key))
        .with("tenant", tenant)
        .with("key", key.key)
        .with("request", key.request)
        .with("job", id.to_string())
        .execute();
    insert_jobs(session, events, {&submission, 1});
    return SubmitResult{.job_id = id};
  });
}

}  // namespace freight::storage
