#include "core/utf8.hpp"
#include "database/query.hpp"
#include "storage/replay_batches.hpp"
#include "storage/sql_job_store.hpp"
#include "storage/value_texts.hpp"

// The part of SqlJobStore that writes plans.

namespace freight::storage {
namespace {

using database::Query;
using database::Session;

constexpr std::string_view insert_batches =
    "INSERT INTO freight.migration_batches (tenant_id, job_id, sequence, batch_id, status,"
    " first_ordinal, records, byte_offset, byte_length, first_line, locator, content_hash, "
    "attempts,"
    " records_read, records_succeeded, records_rejected, records_skipped, records_filtered,"
    " records_with_warnings, rows_inserted, rows_updated, rows_unchanged)"
    " SELECT @uuid(:tenant), @uuid(:job), r.sequence, r.batch_id, 'ready', r.first_ordinal,"
    " r.records, r.byte_offset, r.byte_length, r.first_line, r.locator, r.content_hash,"
    " 0, 0, 0, 0, 0, 0, 0, 0, 0, 0"
    " FROM @rows(:rows r, sequence bigint, batch_id uuid, first_ordinal bigint, records bigint,"
    " byte_offset bigint, byte_length bigint, first_line bigint, locator text, content_hash text)";
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

void check_storable(std::string_view what, std::string_view text) {
  if (text.find('\0') != std::string_view::npos || !core::is_valid_utf8(text)) {
    throw Error(Code::connector_failed,
                "the source's " + std::string(what) + " is not UTF-8 without NUL");
  }
}

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
  JsonRows rows;
  std::vector<TaskQueue::Entry> entries;
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;
  for (const auto& range : report.ranges) {
    if (range.first_ordinal != job.records_planned + records) {
      throw Error(Code::connector_failed, "the source planned a batch from record " +
                                              std::to_string(range.first_ordinal) + ", expected " +
                                              std::to_string(job.records_planned + records));
    }
    if (range.records == 0) {
      throw Error(Code::connector_failed, "the source planned a batch without a record");
    }
    check_storable("locator", range.locator);
    check_storable("content hash", range.content_hash);
    const auto batch_id = BatchId::generate();
    const auto sequence = job.batches_total + entries.size();
    rows.begin_row();
    rows.add("sequence", sequence)
        .add("batch_id", batch_id)
        .add("first_ordinal", range.first_ordinal)
        .add("records", range.records)
        .add("byte_offset", range.byte_offset)
        .add("byte_length", range.byte_length)
        .add("first_line", range.first_line)
        .add("locator", range.locator)
        .add("content_hash", range.content_hash);
    entries.push_back({.tenant_id = report.tenant_id,
                       .job_id = report.job_id,
                       .kind = TaskKind::execute,
                       .batch_id = batch_id,
                       .priority = job.priority,
                       .sequence = sequence,
                       .records = range.records,
                       .node_affinity = job.node_affinity,
                       .held = job.is_held()});
    records += range.records;
    bytes += range.byte_length;
  }
  const auto tenant = report.tenant_id.to_string();
  const auto id = report.job_id.to_string();
  if (!rows.empty()) {
    Query(session, sql_(insert_batches))
        .with("tenant", tenant)
        .with("job", id)
        .with("rows", rows.take())
        .execute();
  }
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
