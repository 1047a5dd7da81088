#include "database/query.hpp"
#include "storage/jobs/sql_job_store.hpp"
#include "storage/queue/planned_batches.hpp"
#include "storage/replay/replay_batches.hpp"
#include "storage/sql/value_texts.hpp"

// The part of SqlJobStore that writes plans.

namespace freight::storage {
namespace {

using database::Query;
using database::Session;

constexpr std::string_view update_job =
    "UPDATE freight.migration_jobs SET updated_at = @now, plan_position = :position,"
    " planned = :planned, records_planned = records_planned + :records,"
    " bytes_planned = bytes_planned + :bytes, batches_total = batches_total + :batches,"
    " fingerprint = coalesce(:fingerprint, fingerprint),"
    " bytes_total = coalesce(CAST(:bytes_total AS BIGINT), bytes_total),"
    " source_count = coalesce(CAST(:source_count AS BIGINT), source_count),"
    " destination_count_before ="
    "  coalesce(CAST(:count_before AS BIGINT), destination_count_before),"
    " warnings = coalesce(:warnings, warnings),"
    " source_fields = coalesce(:source_fields, source_fields),"
    " unmapped_columns = coalesce(:unmapped, unmapped_columns),"
    " unfilled_columns = coalesce(:unfilled, unfilled_columns),"
    " waiting_on = NULL, log_sequence = :log_sequence, progress_at = :progress_at"
    " WHERE tenant_id = @uuid(:tenant) AND job_id = @uuid(:job)";

// `described` is 1 for a job with a plan task: what its first chunk says stands.
constexpr std::string_view describe =
    "UPDATE freight.migration_jobs SET updated_at = @now, described = 1,"
    " destination_count_before = CAST(:count_before AS BIGINT), warnings = :warnings,"
    " source_fields = :source_fields, unmapped_columns = :unmapped, unfilled_columns = :unfilled"
    " WHERE tenant_id = @uuid(:tenant) AND job_id = @uuid(:job) AND described = 0";

std::optional<std::string> text_of_optional(const std::optional<std::vector<std::string>>& texts) {
  return texts ? std::optional(text_of(*texts)) : std::nullopt;
}

// The chunk was written, and its answer got lost on the way: the caller asks again.
bool was_written(const LockedJob& job, const PlanReport& report) {
  if (report.position != job.plan_position) return false;
  if (!report.ranges.empty()) return report.ranges.front().first_ordinal < job.records_planned;
  return report.done && job.planned;
}

}  // namespace

void SqlJobStore::write_plan(Session& session, EventWriter& events, LockedJob& job,
                             const PlanReport& report) {
  check_storable("position", report.position);
  PlannedBatches batches;
  std::vector<TaskQueue::Entry> entries;
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;
  for (const auto& range : report.ranges) {
    if (range.first_ordinal != job.records_planned + records) {
      throw Error(Code::connector_failed, "the source planned a batch from record " +
                                              std::to_string(range.first_ordinal) + ", expected " +
                                              std::to_string(job.records_planned + records));
    }
    auto entry = queue_entry(job, TaskKind::execute);
    entry.sequence = job.batches_total + entries.size();
    entry.batch_id = batches.add(job.reference(), entry.sequence, range);
    entry.records = range.records;
    entries.push_back(std::move(entry));
    records += range.records;
    bytes += range.byte_length;
  }
  batches.insert(session, sql_);
  const auto tenant = report.tenant_id.to_string();
  const auto id = report.job_id.to_string();
  job.batches_total += entries.size();
  job.planned = report.done;
  job.records_planned += records;
  LogWriter log(session, sql_, events);
  events.progress(job, report.done);
  if (report.done) {
    log.add(job, {.event = "job_planned"});
    log.flush();
  }
  Query(session, sql_(update_job))
      .with("position", report.position)
      .with("planned", report.done ? 1 : 0)
      .with("records", records)
      .with("bytes", bytes)
      .with("batches", entries.size())
      .with("fingerprint", report.fingerprint)
      .with("bytes_total", report.bytes_total)
      .with("source_count", report.source_count)
      .with("count_before", report.destination_count_before)
      .with("warnings", text_of_optional(report.warnings))
      .with("source_fields", text_of_optional(report.source_fields))
      .with("unmapped", text_of_optional(report.unmapped_columns))
      .with("unfilled", text_of_optional(report.unfilled_columns))
      .with("log_sequence", job.log_sequence)
      .with("progress_at", job.progress_at)
      .with("tenant", tenant)
      .with("job", id)
      .execute();
  ShareChanges changes;
  const TaskQueue::Key plan{report.tenant_id, report.job_id, TaskKind::plan, BatchId()};
  if (report.done) {
    queue_.remove(session, {&plan, 1}, changes);
  } else if (!report.keep_lease || job.is_held()) {
    const TaskQueue::Return back{plan, report.resume_in, false};
    queue_.give_back(session, {&back, 1});
  }
  if (job.all_batches_done()) add_last_work(session, sql_, job, entries);
  queue_.add(session, entries, changes);
  queue_.apply(session, changes);
}

void SqlJobStore::describe_job(TenantId tenant_id, JobId job_id, const JobDescription& found) {
  write([&](Session& session, EventWriter&) {
    Query(session, sql_(describe))
        .with("count_before", found.destination_count_before)
        .with("warnings", text_of(found.warnings))
        .with("source_fields", text_of(found.source_fields))
        .with("unmapped", text_of(found.unmapped_columns))
        .with("unfilled", text_of(found.unfilled_columns))
        .with("tenant", tenant_id.to_string())
        .with("job", job_id.to_string())
        .execute();
    return true;
  });
}

PlanResult SqlJobStore::append_plan(const PlanReport& report) {
  return write([&](Session& session, EventWriter& events) {
    PlanResult result;
    auto job = lock_job(session, sql_, {report.tenant_id, report.job_id});
    if (!job || is_final(job->status)) return PlanResult{.lost = true};
    if (job->status == JobStatus::cancelling) return PlanResult{.cancelling = true};
    if (!was_written(*job, report)) {
      const auto key = queue_.find_task(session, report.tenant_id, report.job_id, report.token);
      if (!key || key->kind != TaskKind::plan) return PlanResult{.lost = true};
      write_plan(session, events, *job, report);
    }
    result.paused = job->status == JobStatus::paused;
    result.batches_queued = queue_.count_batches(session, report.tenant_id, report.job_id);
    return result;
  });
}

}  // namespace freight::storage
