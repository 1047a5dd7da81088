#include "core/utf8.hpp"
#include "database/query.hpp"
#include "storage/sql_job_store.hpp"
#include "storage/value_texts.hpp"

// The part of SqlJobStore that takes in jobs.

namespace freight::storage {
namespace {

using database::Query;
using database::Session;

// The lock makes one submit of a tenant come after the other, so that what the second sees of the
// tenant's jobs holds until it has written its own.
constexpr std::string_view lock_tenant =
    "SELECT s.tenant_id FROM freight.tenant_shares AS s"
    " JOIN freight.tenants AS t ON t.tenant_id = s.tenant_id"
    " WHERE s.tenant_id = @uuid(:tenant) AND t.deleted_at IS NULL@pg{ FOR UPDATE OF s}";
constexpr std::string_view find_id =
    "SELECT job_id FROM freight.migration_jobs"
    " WHERE tenant_id = @uuid(:tenant) AND job_id = @uuid(:job)";
constexpr std::string_view find_newest =
    "SELECT job_id FROM freight.migration_jobs WHERE tenant_id = @uuid(:tenant)"
    " AND identity = :identity AND deleted_at IS NULL ORDER BY created_at DESC, job_id DESC LIMIT "
    "1";
constexpr std::string_view insert_row =
    "INSERT INTO freight.migration_jobs (tenant_id, job_id, name, status, priority, labels, "
    "identity,"
    " load_identity, fingerprint, node_affinity, plan_format, plan_position, planned,"
    " records_planned, bytes_planned, records_read, records_succeeded, records_rejected,"
    " records_skipped, records_filtered, records_with_warnings, rows_inserted, rows_updated,"
    " rows_unchanged, bytes_read, batches_total, batches_completed, batches_failed, batch_attempts,"
    " retries, warnings, source_fields, unmapped_columns, unfilled_columns, reconciliation,"
    " log_sequence, created_at, updated_at)"
    " VALUES (@uuid(:tenant), @uuid(:job), :name, 'pending', :priority, :labels, :identity,"
    " :load_identity, :fingerprint, :affinity, 1, '', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, "
    "0,"
    " 0, 0, '[]', '[]', '[]', '[]', '', 1, @now, @now)";
constexpr std::string_view insert_spec =
    "INSERT INTO freight.migration_job_specs (tenant_id, job_id, spec)"
    " VALUES (@uuid(:tenant), @uuid(:job), :spec)";
constexpr std::string_view insert_event =
    "INSERT INTO freight.migration_logs (tenant_id, job_id, log_sequence, logged_at, event)"
    " VALUES (@uuid(:tenant), @uuid(:job), 1, @now, 'job_submitted')";

std::optional<JobId> find_one(Session& session, const std::string& sql, TenantId tenant,
                              std::string_view name, const std::string& value) {
  std::string id;
  Query query(session, sql);
  query.with("tenant", tenant.to_string()).with(name, value).into(id);
  if (!query.next()) return std::nullopt;
  return JobId::parse(id);
}

void check(const NewJob& job) {
  // Labels and warnings are JSON, where anything can be said; these are bare texts.
  for (const std::string* text : {&job.name, &job.spec, &job.identity, &job.load_identity,
                                  &job.fingerprint, &job.node_affinity}) {
    if (text->find('\0') != std::string::npos || !core::is_valid_utf8(*text)) {
      throw Error(
          Code::invalid_value,
          "the job's name, spec, identities, fingerprint and affinity are UTF-8 without NUL");
    }
  }
}

}  // namespace

bool SqlJobStore::insert_job(Session& session, JobId id, const NewJob& job,
                             const std::optional<JobId>* expected_newest) {
  const auto tenant = job.tenant_id.to_string();
  std::string locked;
  Query lock(session, sql_(lock_tenant));
  if (!lock.with("tenant", tenant).into(locked).next()) {
    throw Error(Code::not_found, "there is no tenant " + tenant);
  }
  if (find_one(session, sql_(find_id), job.tenant_id, "job", id.to_string())) return true;
  if (expected_newest != nullptr && find_one(session, sql_(find_newest), job.tenant_id, "identity",
                                             job.identity) != *expected_newest) {
    return false;
  }
  Query(session, sql_(insert_row))
      .with("tenant", tenant)
      .with("job", id.to_string())
      .with("name", job.name)
      .with("priority", job.priority)
      .with("labels", text_of(job.labels))
      .with("identity", job.identity)
      .with("load_identity", job.load_identity)
      .with("fingerprint", job.fingerprint)
      .with("affinity", job.node_affinity)
      .execute();
  Query(session, sql_(insert_spec))
      .with("tenant", tenant)
      .with("job", id.to_string())
      .with("spec", job.spec)
      .execute();
  Query(session, sql_(insert_event)).with("tenant", tenant).with("job", id.to_string()).execute();
  ShareChanges changes;
  const TaskQueue::Entry plan{.tenant_id = job.tenant_id,
                              .job_id = id,
                              .kind = TaskKind::plan,
                              .batch_id = {},
                              .priority = job.priority,
                              .node_affinity = job.node_affinity};
  queue_.add(session, {&plan, 1}, changes);
  queue_.apply(session, changes);
  return true;
}

void SqlJobStore::submit(JobId id, const NewJob& job) {
  check(job);
  connections_.write([&](Session& session) { insert_job(session, id, job, nullptr); });
}

bool SqlJobStore::submit_after(JobId id, const NewJob& job, std::optional<JobId> newest) {
  check(job);
  return connections_.write(
      [&](Session& session) { return insert_job(session, id, job, &newest); });
}

}  // namespace freight::storage
