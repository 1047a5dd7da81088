#include "storage/queue/acknowledgement.hpp"

#include <algorithm>
#include <set>

#include "database/query.hpp"
#include "storage/queue/job_ending.hpp"
#include "storage/replay/replay_batches.hpp"
#include "storage/sql/value_texts.hpp"

namespace freight::storage {
namespace {

using database::Query;
using database::Session;

// Ordered as renew() locks.
constexpr std::string_view select_reported =
    "SELECT q.lease_token, q.sequence, q.attempt, b.attempts, b.first_ordinal, b.records, b.kind"
    " FROM @rows(:rows r, tenant_id uuid, job_id uuid, batch_id uuid, token uuid)"
    " JOIN freight.batch_queue AS q ON q.tenant_id = r.tenant_id AND q.job_id = r.job_id"
    "  AND q.kind = 'execute' AND q.batch_id = r.batch_id AND q.lease_token = r.token"
    " JOIN freight.migration_batches AS b ON b.tenant_id = q.tenant_id AND b.job_id = q.job_id"
    "  AND b.sequence = q.sequence"
    " ORDER BY q.tenant_id, q.job_id, q.batch_id@pg{ FOR UPDATE OF q}";
constexpr std::string_view update_batches =
    "UPDATE freight.migration_batches AS b SET status = r.status,"
    " attempts = b.attempts + r.answered, records_read = r.records_read,"
    " records_succeeded = r.records_succeeded, records_rejected = r.records_rejected,"
    " records_skipped = r.records_skipped, records_filtered = r.records_filtered,"
    " records_with_warnings = r.records_with_warnings, rows_inserted = r.rows_inserted,"
    " rows_updated = r.rows_updated, rows_unchanged = r.rows_unchanged, error = r.error,"
    " started_at = nullif(r.started_at, 0), finished_at = CASE WHEN r.final = 1 THEN @now END"
    " FROM @rows(:rows r, tenant_id uuid, job_id uuid, sequence bigint, status text,"
    " answered bigint, records_read bigint, records_succeeded bigint, records_rejected bigint,"
    " records_skipped bigint, records_filtered bigint, records_with_warnings bigint,"
    " rows_inserted bigint, rows_updated bigint, rows_unchanged bigint, error text,"
    " started_at bigint, final bigint)"
    " WHERE b.tenant_id = r.tenant_id AND b.job_id = r.job_id AND b.sequence = r.sequence";
constexpr std::string_view update_jobs =
    "UPDATE freight.migration_jobs AS j SET updated_at = @now,"
    " records_read = j.records_read + r.records_read - r.tried_again,"
    " records_succeeded = j.records_succeeded + r.records_succeeded,"
    " records_rejected = j.records_rejected + r.records_rejected - r.tried_again,"
    " records_skipped = j.records_skipped + r.records_skipped,"
    " records_filtered = j.records_filtered + r.records_filtered,"
    " records_with_warnings = j.records_with_warnings + r.records_with_warnings,"
    " rows_inserted = j.rows_inserted + r.rows_inserted,"
    " rows_updated = j.rows_updated + r.rows_updated,"
    " rows_unchanged = j.rows_unchanged + r.rows_unchanged,"
    " bytes_read = j.bytes_read + r.bytes_read,"
    " batches_completed = j.batches_completed + r.completed,"
    " batches_failed = j.batches_failed + r.failed,"
    " batch_attempts = j.batch_attempts + r.attempts, retries = j.retries + r.retries,"
    " waiting_on = r.waiting_on, log_sequence = r.log_sequence, progress_at = r.progress_at,"
    " dead_letters_stored = r.dead_letters_stored, waiting_for_parents = r.waiting_for_parents,"
    " parent_landed = r.parent_landed"
    " FROM @rows(:rows r, tenant_id uuid, job_id uuid, records_read bigint,"
    " records_succeeded bigint, records_rejected bigint, tried_again bigint,"
    " records_skipped bigint, records_filtered bigint, records_with_warnings bigint,"
    " rows_inserted bigint, rows_updated bigint, rows_unchanged bigint, bytes_read bigint,"
    " completed bigint, failed bigint, attempts bigint, retries bigint, waiting_on text,"
    " log_sequence bigint, progress_at bigint, dead_letters_stored bigint,"
    " waiting_for_parents bigint, parent_landed bigint)"
    " WHERE j.tenant_id = r.tenant_id AND j.job_id = r.job_id";

void add_counts(JsonRows& rows, const RecordCounts& records, const WrittenCounts& written) {
  rows.add("records_read", records.read)
      .add("records_succeeded", records.succeeded)
      .add("records_rejected", records.rejected)
      .add("records_skipped", records.skipped)
      .add("records_filtered", records.filtered)
      .add("records_with_warnings", records.with_warnings)
      .add("rows_inserted", written.inserted)
      .add("rows_updated", written.updated)
      .add("rows_unchanged", written.unchanged);
}

JobKey key_of(const BatchReport& report) { return {report.tenant_id, report.job_id}; }

BatchStatus status_after(TaskVerdict verdict) {
  switch (verdict) {
    case TaskVerdict::completed:
      return BatchStatus::completed;
    case TaskVerdict::failed:
      return BatchStatus::failed;
    default:
      return BatchStatus::ready;
  }
}

}  // namespace

std::vector<LeaseToken> Acknowledgement::begin(std::span<const BatchReport> reports) {
  if (reports.empty()) return {};
  std::set<JobKey> keys;
  for (const auto& report : reports) keys.insert(key_of(report));
  JsonRows rows;
  for (const auto& [tenant, job] : keys) {
    rows.begin_row();
    rows.add("tenant_id", tenant).add("job_id", job);
  }
  jobs_ = lock_jobs(session_, sql_, rows);
  lock_held(reports);
  std::set<LeaseToken> alive;
  for (const auto& held : held_) alive.insert(held.report->token);
  std::vector<LeaseToken> lost;
  for (const auto& report : reports) {
    if (!alive.contains(report.token)) lost.push_back(report.token);
  }
  return lost;
}

void Acknowledgement::lock_held(std::span<const BatchReport> reports) {
  JsonRows rows;
  std::map<LeaseToken, const BatchReport*> by_token;
  for (const auto& report : reports) {
    // The same report twice in one call counts once.
    if (!by_token.emplace(report.token, &report).second) continue;
    rows.begin_row();
    rows.add("tenant_id", report.tenant_id)
        .add("job_id", report.job_id)
        .add("batch_id", report.batch_id)
        .add("token", report.token);
  }
  std::string token;
  Held held;
  Query query(session_, sql_(select_reported));
  query.with("rows", rows.take()).into(token).into(held.sequence).into(held.attempt);
  std::string kind;
  query.into(held.attempts).into(held.first_ordinal).into(held.records).into(kind);
  while (query.next()) {
    held.report = by_token.at(LeaseToken::parse(token).value_or(LeaseToken()));
    const auto job = jobs_.find(key_of(*held.report));
    if (job == jobs_.end()) continue;
    held.job = &job->second;
    held.kind = parse_batch_kind(kind).value_or(BatchKind::planned);
    held_.push_back(held);
  }
}

std::vector<JobReference> Acknowledgement::write(ShareChanges& changes) {
  if (held_.empty()) return {};
  for (auto& held : held_) take_in(held);
  queue_.remove(session_, done_, changes);
  queue_.give_back(session_, back_);
  if (!batches_.empty()) {
    Query(session_, sql_(update_batches)).with("rows", batches_.take()).execute();
  }
  dead_letters_.flush();
  settle_replays(session_, sql_, replays_, log_);
  log_.flush();
  write_jobs();
  add_last_work(changes);
  return end_cancelled(changes);
}

std::vector<JobReference> Acknowledgement::end_cancelled(ShareChanges& changes) {
  std::vector<JobReference> ended;
  JobEnding ending(session_, sql_, queue_, events_);
  for (auto& [key, job] : jobs_) {
    if (ending.end_if_cancelled(job, changes)) ended.push_back(job.reference());
  }
  return ended;
}

void Acknowledgement::take_in(Held& held) {
  const auto& report = *held.report;
  const TaskQueue::Key key{report.tenant_id, report.job_id, TaskKind::execute, report.batch_id};
  const bool cancelling = held.job->status == JobStatus::cancelling;
  if (report.verdict == TaskVerdict::release) {
    if (cancelling) {
      done_.push_back(key);
    } else {
      back_.push_back({key, report.retry_in, false});
    }
    return;
  }
  const bool final = report.verdict != TaskVerdict::retry;
  const bool completed = report.verdict == TaskVerdict::completed;
  const bool answered = final || report.counted;
  const std::optional<std::string> error =
      report.failure ? std::optional(text_of(*report.failure)) : std::nullopt;
  auto& change = job_changes_[key_of(report)];
  if (answered) {
    ++change.attempts;
    if (held.attempts > 0) ++change.retries;
  }
  if (final || cancelling) {
    done_.push_back(key);
  } else {
    back_.push_back({key, report.retry_in, report.counted});
  }
  batches_.begin_row();
  batches_.add("tenant_id", report.tenant_id)
      .add("job_id", report.job_id)
      .add("sequence", held.sequence)
      .add("status", to_string(status_after(report.verdict)))
      .add("answered", answered ? 1 : 0)
      .add("error", completed ? std::nullopt : error)
      .add("started_at", report.started_at.time_since_epoch().count())
      .add("final", final ? 1 : 0);
  add_counts(batches_, completed ? report.counts : RecordCounts(),
             completed ? report.written : WrittenCounts());
  if (completed) return complete(held);
  if (report.verdict == TaskVerdict::failed) {
    ++change.failed;
    ++held.job->batches_failed;
  }
  if (!final && !report.counted) {
    waiting_text(*held.job, report.failure.value_or(Failure()), report.retry_in, log_);
    return;
  }
  add_event(held);
  log_.add(*held.job, {.event = final ? "batch_failed" : "batch_retried",
                       .batch_sequence = held.sequence,
                       .attempt = held.attempts + 1,
                       .first_ordinal = held.first_ordinal,
                       .last_ordinal = held.first_ordinal + held.records - 1,
                       .outcome = Outcome::pending,
                       .code = report.failure ? std::optional(report.failure->code) : std::nullopt,
                       .detail = error ? std::string_view(*error) : std::string_view()});
}

void Acknowledgement::complete(const Held& held) {
  const auto& report = *held.report;
  auto& change = job_changes_[key_of(report)];
  change.records += report.counts;
  change.written += report.written;
  change.bytes_read += report.bytes_read;
  ++change.completed;
  ++held.job->batches_completed;
  held.job->records += report.counts;
  held.job->bytes_read += report.bytes_read;
  held.job->waiting_on.reset();
  add_event(held);
  LogWriter::Entry entry{.event = "batch_completed",
                         .batch_sequence = held.sequence,
                         .attempt = held.attempts + 1,
                         .first_ordinal = held.first_ordinal,
                         .last_ordinal = held.first_ordinal + held.records - 1,
                         .outcome = Outcome::succeeded};
  if (held.kind != BatchKind::planned) {
    // Its ordinals are no range: each record has a row of its own.
    entry.event = "replay_completed";
    entry.first_ordinal.reset();
    entry.last_ordinal.reset();
    count_again(held);
  }
  log_.add(*held.job, entry);
  log_records(held);
}

void Acknowledgement::add_event(const Held& held) {
  events_.batch(*held.report, status_after(held.report->verdict), held.sequence, held.attempts + 1,
                held.first_ordinal, held.records);
}

// Records that were read and rejected before: they only change sides.
void Acknowledgement::count_again(const Held& held) {
  const auto& counts = held.report->counts;
  auto& change = job_changes_[key_of(*held.report)];
  change.tried_again += counts.read;
  held.job->records.read -= counts.read;
  held.job->records.rejected -= std::min(held.job->records.rejected, counts.read);
  replays_.push_back({.job = held.job,
                      .sequence = held.sequence,
                      .attempt = held.attempts + 1,
                      .kind = held.kind,
                      .report = held.report});
  if (held.kind != BatchKind::foreign_keys) return;
  held.job->waiting_for_parents -= std::min(held.job->waiting_for_parents, counts.read);
  held.job->parent_landed += counts.read - counts.rejected;
}

void Acknowledgement::log_records(const Held& held) {
  const auto& report = *held.report;
  LogWriter::Entry entry{
      .event = "records", .batch_sequence = held.sequence, .attempt = held.attempts + 1};
  for (const auto& range : report.ranges) {
    // In a replay they are logged one by one, because other records may lie between them.
    if (held.kind != BatchKind::planned) break;
    entry.first_ordinal = range.first_ordinal;
    entry.last_ordinal = range.last_ordinal;
    entry.outcome = range.outcome;
    log_.add(*held.job, entry);
  }
  dead_letters_.begin_batch({.job = held.job,
                             .sequence = held.sequence,
                             .kind = held.kind,
                             .max_stored = report.max_stored});
  for (const auto& exception : report.exceptions) {
    const bool rejected = exception.outcome == Outcome::rejected;
    if (!rejected || dead_letters_.add(exception)) log_exception(held, exception);
  }
  for (const auto& range : dead_letters_.end_batch()) {
    entry.first_ordinal = range.first_ordinal;
    entry.last_ordinal = range.last_ordinal;
    entry.outcome = Outcome::rejected;
    entry.code = range.code;
    entry.column_name = range.column;
    log_.add(*held.job, entry);
  }
}

void Acknowledgement::log_exception(const Held& held, const RecordException& exception) {
  // A dead letter has its errors itself; of a warning or a skip this row is all there is.
  const auto detail =
      exception.outcome == Outcome::rejected ? std::string() : text_of(exception.errors);
  LogWriter::Entry entry{.event = "record",
                         .batch_sequence = held.sequence,
                         .attempt = held.attempts + 1,
                         .first_ordinal = exception.ordinal,
                         .last_ordinal = exception.ordinal,
                         .outcome = exception.outcome,
                         .key_values = exception.key_values,
                         .detail = detail};
  if (!exception.errors.empty()) {
    entry.code = exception.errors.front().code;
    entry.column_name = exception.errors.front().column;
  }
  log_.add(*held.job, entry);
}

void Acknowledgement::write_jobs() {
  JsonRows rows;
  for (const auto& [key, change] : job_changes_) {
    auto& job = jobs_.at(key);
    events_.progress(job, false);
    rows.begin_row();
    rows.add("tenant_id", key.first).add("job_id", key.second);
    add_counts(rows, change.records, change.written);
    rows.add("bytes_read", change.bytes_read)
        .add("completed", change.completed)
        .add("failed", change.failed)
        .add("attempts", change.attempts)
        .add("retries", change.retries)
        .add("waiting_on", job.waiting_on)
        .add("log_sequence", job.log_sequence)
        .add("progress_at", job.progress_at)
        .add("tried_again", change.tried_again)
        .add("dead_letters_stored", job.dead_letters_stored)
        .add("waiting_for_parents", job.waiting_for_parents)
        .add("parent_landed", job.parent_landed);
  }
  if (!rows.empty()) Query(session_, sql_(update_jobs)).with("rows", rows.take()).execute();
}

void Acknowledgement::add_last_work(ShareChanges& changes) {
  std::vector<TaskQueue::Entry> entries;
  for (const auto& [key, change] : job_changes_) {
    auto& job = jobs_.at(key);
    if (job.status == JobStatus::cancelling) continue;
    if (change.completed + change.failed == 0 || !job.all_batches_done()) continue;
    storage::add_last_work(session_, sql_, job, entries);
  }
  queue_.add(session_, entries, changes);
}

}  // namespace freight::storage
