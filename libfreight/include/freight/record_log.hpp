#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "freight/ids.hpp"
#include "freight/record.hpp"
#include "freight/sinks.hpp"
#include "freight/time.hpp"

namespace freight {

/// @addtogroup asking
/// @{

/// What an entry of a job's log speaks of.
enum class LogScope : std::uint8_t { job, batch, record };

/// The scope's name, as exports and REST have it.
std::string_view to_string(LogScope scope);
/// The scope of that name; nullopt when there is none.
std::optional<LogScope> parse_log_scope(std::string_view name);
/// The level's name, as exports and REST have it.
std::string_view to_string(LogLevel level);
/// The level of that name; nullopt when there is none.
std::optional<LogLevel> parse_log_level(std::string_view name);

/// Where an entry stands in its job's log. What is of no single record comes before the records
/// that share its row.
struct LogCursor {
  std::uint64_t log_sequence = 0;
  /// One more than the ordinal; 0 for what is of no single record.
  std::uint64_t place = 0;
  std::uint64_t attempt = 0;

  /// A text with a version, for the next page.
  std::string to_string() const;
  /// Throws invalid_value, or newer_format.
  static LogCursor parse(std::string_view text);

  /// In the order of the log.
  friend auto operator<=>(const LogCursor&, const LogCursor&) = default;
};

/// One thing that happened to a job, a batch or a record.
struct LogEntry {
  LogCursor cursor;
  Timestamp time;
  LogScope scope = LogScope::job;
  LogLevel level = LogLevel::info;
  /// `job_created`, `job_started`, `batch_completed`, `record`…
  std::string event;
  std::optional<BatchId> batch_id;
  std::optional<std::uint64_t> batch_sequence;
  std::uint64_t attempt = 0;
  /// The record's number, in the entry of a record.
  std::optional<std::uint64_t> ordinal;
  /// What became of the record; in the entry of a batch, what became of those of its records that
  /// have no entries of their own.
  std::optional<Outcome> outcome;
  std::optional<Code> code;
  std::string column;
  /// The record's key as a JSON object; empty for what is of no record, or of one without a key.
  std::string key_values;
  std::string message;
};

/// One page of a job's log. Every filter that is set must hold.
struct LogQuery {
  std::optional<LogScope> scope = {};
  std::optional<Outcome> outcome = {};
  std::optional<LogLevel> level = {};
  std::optional<Code> code = {};
  std::optional<BatchId> batch_id = {};
  /// `since` is inclusive, `until` exclusive.
  std::optional<Timestamp> since = {};
  std::optional<Timestamp> until = {};
  bool newest_first = false;
  /// Goes on behind this entry.
  std::optional<LogCursor> after = {};
  std::uint32_t limit = 100;
};

/// What became of one record.
struct RecordFate {
  std::uint64_t ordinal = 0;
  Outcome outcome = Outcome::pending;
  /// The batch that decided it; while it is pending, the batch that it is planned in.
  std::optional<BatchId> batch_id;
  std::optional<std::uint64_t> batch_sequence;
  std::uint64_t attempts = 0;
  /// When it was decided.
  std::optional<Timestamp> time;
  /// 0 when nobody kept them: of a plain success only its batch's place is known.
  std::uint64_t line = 0;
  std::uint64_t byte_offset = 0;
  /// BatchRange::locator of the planned batch; see file_of_locator().
  std::string locator;
  /// The errors of a rejected record, the warnings of one that succeeded.
  std::vector<RecordError> errors;
  std::string key_values;
};

/// @}

}  // namespace freight
