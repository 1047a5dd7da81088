#include "storage/acknowledgement.hpp"

#include <set>

#include "database/query.hpp"
#include "storage/job_ending.hpp"
#include "storage/value_texts.hpp"

namespace freight::storage {
namespace {

using database::Query;
using database::Session;

constexpr std::size_t max_raw = 64 * 1024;

// Ordered as renew() locks.
constexpr std::string_view select_held =
    "SELECT q.lease_token, q.sequence, q.attempt, b.attempts, b.first_ordinal, b.records"
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
    " started_at = r.started_at, finished_at = CASE WHEN r.final = 1 THEN @now END"
    " FROM @rows(:rows r, tenant_id uuid, job_id uuid, sequence bigint, status text,"
    " answered bigint, records_read bigint, records_succeeded bigint, records_rejected bigint,"
    " records_skipped bigint, records_filtered bigint, records_with_warnings bigint,"
    " rows_inserted bigint, rows_updated bigint, rows_unchanged bigint, error text,"
    " started_at bigint, final bigint)"
    " WHERE b.tenant_id = r.tenant_id AND b.job_id = r.job_id AND b.sequence = r.sequence";
constexpr std::string_view upsert_dead_letters =
    "INSERT INTO freight.dead_letters AS d (tenant_id, job_id, ordinal, dead_letter_id,"
    " batch_sequence, line, byte_offset, byte_length, code, column_name, errors, key_values, raw,"
    " attempts, first_at, last_at, state)"
    " SELECT r.tenant_id, r.job_id, r.ordinal, r.dead_letter_id, r.batch_sequence, r.line,"
    " r.byte_offset, r.byte_length, r.code, r.column_name, r.errors, r.key_values, @bytes(r.raw),"
    " 1, @now, @now, 'open'"
    " FROM @rows(:rows r, tenant_id uuid, job_id uuid, ordinal bigint, dead_letter_id uuid,"
    " batch_sequence bigint, line bigint, byte_offset bigint, byte_length bigint, code text,"
    " column_name text, errors text, key_values text, raw text)"
    " WHERE true ON CONFLICT (tenant_id, job_id, ordinal) DO UPDATE SET"
    " code = excluded.code, column_name = excluded.column_name, errors = excluded.errors,"
    " key_values = excluded.key_values, raw = excluded.raw, attempts = d.attempts + 1,"
    " last_at = excluded.last_at, state = 'open'";
constexpr std::string_view update_jobs =
    "UPDATE freight.migration_jobs AS j SET updated_at = @now,"
    " records_read = j.records_read + r.records_read,"
    " records_succeeded = j.records_succeeded + r.records_succeeded,"
    " records_rejected = j.records_rejected + r.records_rejected,"
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
    " waiting_on = r.waiting_on, log_sequence = r.log_sequence, progress_at = r.progress_at"
    " FROM @rows(:rows r, tenant_id uuid, job_id uuid, records_read bigint,"
    " records_succeeded bigint, records_rejected bigint, records_skipped bigint,"
    " records_filtered bigint, records_with_warnings bigint, rows_inserted bigint,"
    " rows_updated bigint, rows_unchanged bigint, bytes_read bigint, completed bigint,"
    " failed bigint, attempts bigint, retries bigint, waiting_on text, log_sequence bigint,"
    " progress_at bigint)"
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
  Query query(session_, sql_(select_held));
  query.with("rows", rows.take()).into(token).into(held.sequence).into(held.attempt);
  query.into(held.attempts).into(held.first_ordinal).into(held.records);
  while (query.next()) {
    held.report = by_token.at(LeaseToken::parse(token).value_or(LeaseToken()));
    const auto job = jobs_.find(key_of(*held.report));
    if (job == jobs_.end()) continue;
    held.job = &job->second;
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
  flush_dead_letters();
  log_.flush();
  write_jobs();
  add_finish_tasks(changes);
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
  log_.add(*held.job, {.event = "batch_completed",
                       .batch_sequence = held.sequence,
                       .attempt = held.attempts + 1,
                       .first_ordinal = held.first_ordinal,
                       .last_ordinal = held.first_ordinal + held.records - 1,
                       .outcome = Outcome::succeeded});
  log_records(held);
}

void Acknowledgement::add_event(const Held& held) {
  events_.batch(*held.report, status_after(held.report->verdict), held.sequence, held.attempts + 1,
                held.first_ordinal, held.records);
}

void Acknowledgement::log_records(const Held& held) {
  const auto& report = *held.report;
  LogWriter::Entry entry{
      .event = "record", .batch_sequence = held.sequence, .attempt = held.attempts + 1};
  for (const auto& range : report.ranges) {
    entry.event = "records";
    entry.first_ordinal = range.first_ordinal;
    entry.last_ordinal = range.last_ordinal;
    entry.outcome = range.outcome;
    log_.add(*held.job, entry);
  }
  entry.event = "record";
  for (const auto& exception : report.exceptions) {
    const bool rejected = exception.outcome == Outcome::rejected;
    // A dead letter has its errors itself; of a warning or a skip this row is all there is.
    const auto detail = rejected ? std::string() : text_of(exception.errors);
    entry.first_ordinal = exception.ordinal;
    entry.last_ordinal = exception.ordinal;
    entry.outcome = exception.outcome;
    entry.code.reset();
    entry.column_name = {};
    if (!exception.errors.empty()) {
      entry.code = exception.errors.front().code;
      entry.column_name = exception.errors.front().column;
    }
    entry.key_values = exception.key_values;
    entry.detail = detail;
    log_.add(*held.job, entry);
    if (rejected) add_dead_letter(held, exception);
  }
}

void Acknowledgement::add_dead_letter(const Held& held, const RecordException& exception) {
  const auto code = exception.errors.empty() ? Code::internal : exception.errors.front().code;
  const auto column = exception.errors.empty() ? "" : exception.errors.front().column;
  dead_letters_.begin_row();
  dead_letters_.add("tenant_id", held.report->tenant_id)
      .add("job_id", held.report->job_id)
      .add("ordinal", exception.ordinal)
      .add("dead_letter_id", DeadLetterId::generate())
      .add("batch_sequence", held.sequence)
      .add("line", exception.line)
      .add("byte_offset", exception.byte_offset)
      .add("byte_length", exception.byte_length)
      .add("code", to_string(code))
      .add("column_name", std::string_view(column))
      .add("errors", text_of(exception.errors))
      .add("key_values", std::string_view(exception.key_values))
      .add_hex("raw", std::string_view(exception.raw).substr(0, max_raw));
  if (dead_letters_.bytes() > max_rows_bytes) flush_dead_letters();
}

void Acknowledgement::flush_dead_letters() {
  if (dead_letters_.empty()) return;
  Query(session_, sql_(upsert_dead_letters)).with("rows", dead_letters_.take()).execute();
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
        .add("progress_at", job.progress_at);
  }
  if (!rows.empty()) Query(session_, sql_(update_jobs)).with("rows", rows.take()).execute();
}

void Acknowledgement::add_finish_tasks(ShareChanges& changes) {
  std::vector<TaskQueue::Entry> entries;
  for (const auto& [key, change] : job_changes_) {
    const auto& job = jobs_.at(key);
    if (job.status == JobStatus::cancelling) continue;
    if (change.completed + change.failed == 0 || !job.all_batches_done()) continue;
    entries.push_back({.tenant_id = key.first,
                       .job_id = key.second,
                       .kind = TaskKind::finish,
                       .batch_id = {},
                       .priority = job.priority,
                       .node_affinity = job.node_affinity,
                       .held = job.is_held()});
  }
  queue_.add(session_, entries, changes);
}

}  // namespace freight::storage
