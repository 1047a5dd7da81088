#include "storage/log/log_pages.hpp"

#include <algorithm>

#include "database/query.hpp"
#include "storage/jobs/job_rows.hpp"
#include "storage/sql/value_texts.hpp"

namespace freight::storage {
namespace {

using database::Query;
using database::Session;

// The level follows from the event, so that no row needs to keep it.
constexpr std::string_view select_rows =
    "SELECT l.log_sequence, l.logged_at, l.event, b.batch_id, l.batch_sequence, l.attempt,"
    " l.first_ordinal, l.last_ordinal, l.outcome, l.code, l.column_name, l.key_values, l.detail,"
    " d.errors, l.level FROM (SELECT m.*, CASE"
    "  WHEN m.event = 'batch_failed' OR (m.event = 'job_finished' AND m.code IS NOT NULL)"
    "   THEN 'error'"
    "  WHEN m.event IN ('batch_retried', 'plan_retried', 'finish_retried', 'job_waiting')"
    "   OR m.outcome = 'rejected' OR (m.event = 'record' AND m.outcome = 'succeeded'"
    "    AND m.code IS NOT NULL) THEN 'warning'"
    "  ELSE 'info' END AS level FROM freight.migration_logs AS m) AS l"
    " LEFT JOIN freight.migration_batches AS b ON b.tenant_id = l.tenant_id"
    "  AND b.job_id = l.job_id AND b.sequence = l.batch_sequence"
    " LEFT JOIN freight.dead_letters AS d ON l.event = 'record' AND l.outcome = 'rejected'"
    "  AND d.tenant_id = l.tenant_id AND d.job_id = l.job_id AND d.ordinal = l.first_ordinal"
    " WHERE l.tenant_id = @uuid(:tenant) AND l.job_id = @uuid(:job)"
    " AND (CAST(:scope AS TEXT) IS NULL"
    "  OR (:scope = 'job' AND l.batch_sequence IS NULL)"
    "  OR (:scope = 'batch' AND l.batch_sequence IS NOT NULL"
    "   AND l.event NOT IN ('record', 'records'))"
    "  OR (:scope = 'record' AND l.event IN ('record', 'records', 'batch_completed')))"
    " AND (CAST(:outcome AS TEXT) IS NULL OR l.outcome = :outcome)"
    " AND (CAST(:level AS TEXT) IS NULL OR l.level = :level)"
    " AND (CAST(:code AS TEXT) IS NULL OR l.code = :code)"
    " AND (CAST(:batch AS TEXT) IS NULL OR b.batch_id = @uuid(:batch))"
    " AND (CAST(:since AS BIGINT) IS NULL OR l.logged_at >= :since)"
    " AND (CAST(:until AS BIGINT) IS NULL OR l.logged_at < :until)";
constexpr std::string_view oldest_first =
    " AND l.log_sequence >= :from ORDER BY l.log_sequence LIMIT :limit";
constexpr std::string_view newest_first =
    " AND l.log_sequence <= :from ORDER BY l.log_sequence DESC LIMIT :limit";
// What a batch wrote of single records stands right behind its own row.
constexpr std::string_view select_exceptions =
    "SELECT first_ordinal, last_ordinal FROM freight.migration_logs"
    " WHERE tenant_id = @uuid(:tenant) AND job_id = @uuid(:job) AND event = 'record'"
    " AND first_ordinal BETWEEN :first AND :last AND batch_sequence = :batch"
    " UNION ALL SELECT first_ordinal, last_ordinal FROM freight.migration_logs"
    " WHERE tenant_id = @uuid(:tenant) AND job_id = @uuid(:job) AND event = 'records'"
    " AND first_ordinal BETWEEN :batch_first AND :last AND last_ordinal >= :first"
    " AND batch_sequence = :batch ORDER BY first_ordinal";

/// How many ordinals of a batch are looked at together.
constexpr std::uint64_t window_size = 1000;
constexpr std::uint32_t most_rows = 1000;
constexpr std::uint64_t last_sequence = 0x7fffffffffffffff;

std::optional<std::int64_t> microseconds_of(const std::optional<Timestamp>& time) {
  return time ? std::optional<std::int64_t>(time->time_since_epoch().count()) : std::nullopt;
}

std::string message_of(const std::optional<std::string>& detail,
                       const std::optional<std::string>& errors) {
  const auto& text = errors ? errors : detail;
  if (!text || text->empty()) return {};
  if (text->front() == '{') return failure_of_text(*text).message;
  const auto all = errors_of(*text);
  return all.empty() ? std::string() : all.front().message;
}

}  // namespace

std::vector<LogEntry> LogPage::read() {
  auto from = query_.after ? query_.after->log_sequence : (query_.newest_first ? last_sequence : 0);
  while (!is_full()) {
    const auto wanted = std::min<std::uint32_t>(
        query_.limit - static_cast<std::uint32_t>(entries_.size()) + 1, most_rows);
    const auto rows = read_rows(from, wanted);
    for (const auto& row : rows) {
      if (is_full()) return std::move(entries_);
      add_row(row);
    }
    if (rows.size() < wanted) break;
    const auto sequence = rows.back().entry.cursor.log_sequence;
    from = query_.newest_first ? sequence - 1 : sequence + 1;
  }
  return std::move(entries_);
}

std::vector<LogPage::Row> LogPage::read_rows(std::uint64_t from, std::uint32_t limit) {
  std::vector<Row> rows;
  LogEntry entry;
  Row row;
  std::int64_t logged_at = 0;
  std::optional<std::string> batch;
  std::optional<std::string> outcome;
  std::optional<std::string> code;
  std::optional<std::string> column;
  std::optional<std::string> key_values;
  std::optional<std::string> detail;
  std::optional<std::string> errors;
  std::string level;
  Query query(session_,
              sql_(select_rows) + sql_(query_.newest_first ? newest_first : oldest_first));
  query.with("tenant", key_.first.to_string())
      .with("job", key_.second.to_string())
      .with("scope", name_of(query_.scope))
      .with("outcome", name_of(query_.outcome))
      .with("level", name_of(query_.level))
      .with("code", name_of(query_.code))
      .with("batch", query_.batch_id ? std::optional(query_.batch_id->to_string()) : std::nullopt)
      .with("since", microseconds_of(query_.since))
      .with("until", microseconds_of(query_.until))
      .with("from", from)
      .with("limit", limit);
  query.into(entry.cursor.log_sequence).into(logged_at).into(entry.event).into(batch);
  query.into(entry.batch_sequence).into(entry.attempt).into(row.first_ordinal);
  query.into(row.last_ordinal).into(outcome).into(code).into(column).into(key_values);
  query.into(detail).into(errors).into(level);
  while (query.next()) {
    row.entry = entry;
    row.entry.cursor.attempt = entry.attempt;
    row.entry.time = time_of(logged_at);
    row.entry.level = parse_log_level(level).value_or(LogLevel::info);
    if (batch) row.entry.batch_id = BatchId::parse(*batch);
    if (outcome) row.entry.outcome = parse_outcome(*outcome);
    if (code) row.entry.code = parse_code(*code);
    row.entry.column = column.value_or("");
    row.entry.key_values = key_values.value_or("");
    row.entry.message = message_of(detail, errors);
    rows.push_back(row);
  }
  return rows;
}

void LogPage::add_row(const Row& row) {
  const bool is_success = row.entry.event == "batch_completed";
  const bool is_record = row.entry.event == "record" || row.entry.event == "records";
  const bool wants_whole = !is_record && query_.scope != LogScope::record;
  const bool wants_records = is_success && query_.scope != LogScope::batch;
  if (is_record) {
    if (const auto span = still_to_come(row)) add_ordinals(row, *span);
    return;
  }
  if (wants_whole && !query_.newest_first) add_whole(row);
  if (wants_records) add_successes(row);
  if (wants_whole && query_.newest_first) add_whole(row);
}

void LogPage::add_whole(const Row& row) {
  const auto& after = query_.after;
  const bool is_same = after && after->log_sequence == row.entry.cursor.log_sequence;
  if (is_full() || (is_same && (!query_.newest_first || after->place == 0))) return;
  entries_.push_back(row.entry);
  entries_.back().scope = row.entry.batch_sequence ? LogScope::batch : LogScope::job;
}

std::optional<LogPage::Span> LogPage::still_to_come(const Row& row) const {
  if (!row.first_ordinal || !row.last_ordinal) return std::nullopt;
  Span span{*row.first_ordinal, *row.last_ordinal};
  const auto& after = query_.after;
  if (!after || after->log_sequence != row.entry.cursor.log_sequence) return span;
  if (!query_.newest_first) {
    span.first = std::max(span.first, after->place);  // one behind the ordinal
  } else {
    if (after->place < 2) return std::nullopt;
    span.last = std::min(span.last, after->place - 2);
  }
  return span.first <= span.last ? std::optional(span) : std::nullopt;
}

void LogPage::add_ordinals(const Row& row, Span span) {
  const auto add = [&](std::uint64_t ordinal) {
    entries_.push_back(row.entry);
    auto& entry = entries_.back();
    entry.scope = LogScope::record;
    entry.event = "record";
    entry.ordinal = ordinal;
    entry.cursor.place = ordinal + 1;
  };
  for (std::uint64_t step = 0; step <= span.last - span.first && !is_full(); ++step) {
    add(query_.newest_first ? span.last - step : span.first + step);
  }
}

void LogPage::add_successes(const Row& row) {
  auto left = still_to_come(row);
  while (left && !is_full()) {
    const auto size = std::min(window_size, left->last - left->first + 1);
    Span window{left->first, left->first + size - 1};
    if (query_.newest_first) window = {left->last - size + 1, left->last};
    auto exceptions = exceptions_of(row, window);
    // The successes are the gaps between the exceptions.
    std::vector<Span> gaps;
    auto next = window.first;
    for (const auto& span : exceptions) {
      if (span.first > next) gaps.push_back({next, span.first - 1});
      next = std::max(next, span.last + 1);
    }
    if (next <= window.last) gaps.push_back({next, window.last});
    if (query_.newest_first) std::reverse(gaps.begin(), gaps.end());
    for (const auto& gap : gaps) add_ordinals(row, gap);
    if (query_.newest_first) {
      auto end = window.first;
      if (!exceptions.empty()) end = std::min(end, exceptions.front().first);
      if (end <= left->first) return;
      left->last = end - 1;
    } else {
      left->first = std::max(window.last + 1, next);
      if (left->first > left->last) return;
    }
  }
}

std::vector<LogPage::Span> LogPage::exceptions_of(const Row& row, Span window) {
  std::vector<Span> spans;
  Span span;
  Query query(session_, sql_(select_exceptions));
  query.with("tenant", key_.first.to_string())
      .with("job", key_.second.to_string())
      .with("first", window.first)
      .with("last", window.last)
      .with("batch_first", *row.first_ordinal)
      .with("batch", *row.entry.batch_sequence);
  query.into(span.first).into(span.last);
  while (query.next()) spans.push_back(span);
  return spans;
}

}  // namespace freight::storage
