#include "database/query.hpp"
#include "storage/jobs/sql_job_store.hpp"
#include "storage/queue/job_ending.hpp"
#include "storage/sql/clock_steps.hpp"
#include "storage/sql/value_texts.hpp"

// The part of SqlJobStore that does what a person, or time, asks of a job.

namespace freight::storage {
namespace {

using database::Query;
using database::Session;

constexpr std::string_view write_status =
    "UPDATE freight.migration_jobs SET status = :status, updated_at = @now,"
    " log_sequence = :log_sequence WHERE tenant_id = @uuid(:tenant) AND job_id = @uuid(:job)";
constexpr std::string_view write_reason =
    "UPDATE freight.migration_jobs SET error = :error"
    " WHERE tenant_id = @uuid(:tenant) AND job_id = @uuid(:job)";
// Limits begin anew behind what a limit paused for; a pause by a person leaves them.
constexpr std::string_view lift_limits =
    "UPDATE freight.migration_jobs SET error = NULL, limits_from_read = records_read,"
    " limits_from_rejected = records_rejected"
    " WHERE tenant_id = @uuid(:tenant) AND job_id = @uuid(:job) AND error IS NOT NULL";
constexpr std::string_view write_migration =
    "UPDATE freight.migration_jobs SET migration_id = @uuid(:migration), updated_at = @now"
    " WHERE tenant_id = @uuid(:tenant) AND job_id = @uuid(:job) AND deleted_at IS NULL";
constexpr std::string_view delete_row =
    "UPDATE freight.migration_jobs SET deleted_at = @now, updated_at = @now"
    " WHERE tenant_id = @uuid(:tenant) AND job_id = @uuid(:job)";
// A look at few rows, without a lock; what is found is looked at again under its lock.
constexpr std::string_view select_due_jobs =
    "SELECT j.tenant_id, j.job_id, j.status FROM freight.migration_jobs AS j"
    " WHERE j.status IN ('scheduled', 'running', 'cancelling') AND j.deleted_at IS NULL"
    " AND CASE j.status WHEN 'scheduled' THEN j.run_at <= @now"
    "  WHEN 'running' THEN j.deadline_at <= @now"
    "  ELSE NOT EXISTS (SELECT 1 FROM freight.batch_queue AS q WHERE q.tenant_id = j.tenant_id"
    "   AND q.job_id = j.job_id AND q.lease_token IS NOT NULL AND q.due_at > @now) END"
    " ORDER BY j.tenant_id, j.job_id LIMIT 1000";
constexpr std::string_view select_lost_nodes =
    "SELECT DISTINCT q.node_id FROM freight.batch_queue AS q"
    " JOIN freight.migration_jobs AS j ON j.tenant_id = q.tenant_id AND j.job_id = q.job_id"
    " WHERE j.status = 'cancelling' AND q.lane > 1 AND q.lease_token IS NOT NULL";

void run(Session& session, const std::string& sql, const JobKey& key) {
  Query query(session, sql);
  with_job(query, key).execute();
}

LockedJob lock_known(Session& session, SqlText& sql, const JobKey& key) {
  auto job = lock_job(session, sql, key);
  if (!job) throw Error(Code::not_found, "there is no job " + key.second.to_string());
  return std::move(*job);
}

}  // namespace

void SqlJobStore::change_status(Session& session, EventWriter& events, LockedJob& job,
                                JobStatus status, std::string_view log_event,
                                const std::optional<Failure>& reason) {
  const auto detail = reason ? text_of(*reason) : std::string();
  const auto code = reason ? std::optional(reason->code) : std::nullopt;
  job.status = status;
  LogWriter log(session, sql_, events);
  log.add(job, {.event = log_event, .code = code, .detail = detail});
  log.flush();
  events.progress(job, true);
  events.state(job.reference(), status, code);
  Query update(session, sql_(write_status));
  update.with("status", std::string(to_string(status))).with("log_sequence", job.log_sequence);
  with_job(update, job.key).execute();
}

StateChange SqlJobStore::pause(TenantId tenant_id, JobId job_id,
                               const std::optional<Failure>& reason) {
  return write(tenant_id, [&](Session& session, EventWriter& events) {
    auto job = lock_known(session, sql_, {tenant_id, job_id});
    if (!can_transition(job.status, JobStatus::paused)) {
      return StateChange{.accepted = job.status == JobStatus::paused, .status = job.status};
    }
    ShareChanges changes;
    queue_.hold_job(session, tenant_id, job_id, changes);
    change_status(session, events, job, JobStatus::paused, "job_paused", reason);
    if (reason) {
      Query update(session, sql_(write_reason));
      update.with("error", text_of(*reason));
      with_job(update, job.key).execute();
    }
    queue_.apply(session, changes);
    return StateChange{.accepted = true, .changed = true, .status = job.status};
  });
}

StateChange SqlJobStore::resume(TenantId tenant_id, JobId job_id) {
  return write(tenant_id, [&](Session& session, EventWriter& events) {
    auto job = lock_known(session, sql_, {tenant_id, job_id});
    if (job.status != JobStatus::paused) return StateChange{.status = job.status};
    ShareChanges changes;
    queue_.release_job(session, tenant_id, job_id, changes);
    auto status = JobStatus::pending;
    if (job.run_at && *job.run_at > job.now) status = JobStatus::scheduled;
    if (queue_.count(session, tenant_id, job_id).leased > 0) status = JobStatus::running;
    run(session, sql_(lift_limits), job.key);
    change_status(session, events, job, status, "job_resumed", std::nullopt);
    queue_.apply(session, changes);
    return StateChange{.accepted = true, .changed = true, .status = job.status};
  });
}

StateChange SqlJobStore::cancel(TenantId tenant_id, JobId job_id) {
  TaskQueue::NodeCleanup cleanup;
  const auto change = write(tenant_id, [&](Session& session, EventWriter& events) {
    cleanup = {};
    auto job = lock_known(session, sql_, {tenant_id, job_id});
    if (is_final(job.status) || job.status == JobStatus::cancelling) {
      return StateChange{
          .accepted = job.status == JobStatus::cancelled || job.status == JobStatus::cancelling,
          .status = job.status};
    }
    ShareChanges changes;
    queue_.free_dead_nodes(session, NodeId(), cleanup);
    queue_.remove_idle(session, tenant_id, job_id, changes);
    queue_.hold_job(session, tenant_id, job_id, changes);
    if (queue_.count(session, tenant_id, job_id).tasks > 0) {
      change_status(session, events, job, JobStatus::cancelling, "job_cancelling", std::nullopt);
    } else {
      JobEnding(session, sql_, queue_, events).cancel(job, changes);
    }
    queue_.apply(session, changes);
    return StateChange{.accepted = true, .changed = true, .status = job.status};
  });
  forget_nodes(cleanup);
  return change;
}

void SqlJobStore::adopt(TenantId tenant_id, JobId job_id, MigrationId migration_id) {
  const auto rows = connections_.write(tenant_id, [&](Session& session) {
    Query update(session, sql_(write_migration));
    update.with("migration", migration_id.to_string());
    return with_job(update, {tenant_id, job_id}).execute();
  });
  if (rows == 0) throw Error(Code::not_found, "there is no job " + job_id.to_string());
}

StateChange SqlJobStore::remove_job(TenantId tenant_id, JobId job_id) {
  return write(tenant_id, [&](Session& session, EventWriter&) {
    const auto job = lock_known(session, sql_, {tenant_id, job_id});
    if (!is_final(job.status)) return StateChange{.status = job.status};
    run(session, sql_(delete_row), job.key);
    return StateChange{.accepted = true, .changed = true, .status = job.status};
  });
}

std::vector<SqlJobStore::DueJob> SqlJobStore::find_due_jobs() {
  return connections_.read([&](Session& session) {
    std::vector<DueJob> due;
    std::string tenant;
    std::string job;
    std::string status;
    Query query(session, sql_(select_due_jobs));
    query.into(tenant).into(job).into(status);
    while (query.next()) {
      due.push_back(
          {{TenantId::parse(tenant).value_or(TenantId()), JobId::parse(job).value_or(JobId())},
           parse_job_status(status).value_or(JobStatus::running)});
    }
    return due;
  });
}

bool SqlJobStore::any_dead_holder() {
  if (!liveness_.can_tell()) return false;
  return connections_.read([&](Session& session) {
    std::string node;
    Query query(session, sql_(select_lost_nodes));
    query.into(node);
    while (query.next()) {
      if (liveness_.is_dead(NodeId::parse(node).value_or(NodeId()))) return true;
    }
    return false;
  });
}

HousekeepingResult SqlJobStore::housekeep() {
  if (any_dead_holder()) {
    TaskQueue::NodeCleanup cleanup;
    write([&](Session& session, EventWriter&) {
      cleanup = {};
      queue_.free_dead_nodes(session, NodeId(), cleanup);
      return true;
    });
    forget_nodes(cleanup);
  }
  HousekeepingResult result;
  result.clock_step_back = forgive_clock_step_back();
  for (const auto& due : find_due_jobs()) {
    if (due.status == JobStatus::running) {
      result.timed_out.push_back(due.job);
    } else if (tend(due.job)) {
      result.cancelled.push_back(due.job);
    }
  }
  prune_old();
  return result;
}

std::optional<std::chrono::microseconds> SqlJobStore::forgive_clock_step_back() {
  const auto seen =
      connections_.read([&](Session& session) { return clock_step_back(session, sql_); });
  if (!seen) return std::nullopt;
  return connections_.write([&](Session& session) {
    // Another node may have been faster.
    const auto step = clock_step_back(session, sql_);
    if (step) forgive_clock_step(session, sql_, *step);
    return step;
  });
}

bool SqlJobStore::tend(const JobReference& reference) {
  return write([&](Session& session, EventWriter& events) {
    auto job = lock_job(session, sql_, {reference.tenant_id, reference.job_id});
    if (!job) return false;
    if (job->status == JobStatus::scheduled && job->run_at && *job->run_at <= job->now) {
      change_status(session, events, *job, JobStatus::pending, "job_due", std::nullopt);
      return false;
    }
    if (job->status != JobStatus::cancelling) return false;
    ShareChanges changes;
    queue_.remove_idle(session, reference.tenant_id, reference.job_id, changes);
    const bool ended = JobEnding(session, sql_, queue_, events).end_if_cancelled(*job, changes);
    queue_.apply(session, changes);
    return ended;
  });
}

}  // namespace freight::storage
