#include <algorithm>
#include <functional>
#include <limits>
#include <string>
#include <string_view>

#include "commands/command.hpp"
#include "console.hpp"
#include "exit_status.hpp"
#include "freight/error.hpp"
#include "freight/report.hpp"
#include "output_file.hpp"
#include "tenant_storage.hpp"
#include "terminal_text.hpp"

namespace freight::daemon {
namespace {

using Write = std::function<void(std::string_view)>;

/// Of an option as it was written; `choices` names what it takes.
template <typename Value, typename Parse>
std::optional<Value> read_choice(std::string_view option, const std::optional<std::string>& text,
                                 Parse parse, std::string_view choices) {
  if (!text) return std::nullopt;
  const std::optional<Value> value = parse(*text);
  if (value) return value;
  throw Error(Code::usage, "--" + std::string(option) + " takes " + std::string(choices) +
                               ", not '" + *text + "'");
}

LogQuery read_log_query(const Options& options) {
  constexpr std::string_view time = "a time with a zone, such as 2026-01-31T08:00:00Z";
  const LogOptions& log = options.log;
  LogQuery query;
  query.scope =
      read_choice<LogScope>("scope", options.scope, &parse_log_scope, "job, batch or record");
  query.outcome = read_choice<Outcome>("status", log.status, &parse_outcome,
                                       "succeeded, rejected, skipped, filtered or pending");
  query.level =
      read_choice<LogLevel>("level", log.level, &parse_log_level, "debug, info, warning or error");
  query.code = read_choice<Code>("code", log.code, &parse_code, "one of Freight's codes");
  query.batch_id = read_choice<BatchId>("batch", log.batch, &BatchId::parse, "the id of a batch");
  query.since = read_choice<Timestamp>("since", log.since, &parse_timestamp, time);
  query.until = read_choice<Timestamp>("until", log.until, &parse_timestamp, time);
  query.newest_first = log.newest_first;
  return query;
}

std::string line_of(const LogEntry& entry) {
  std::string level(to_string(entry.level));
  level.resize(std::max<std::size_t>(level.size(), 7), ' ');
  std::string line = format_timestamp(entry.time) + "  " + level + "  ";
  if (entry.ordinal) {
    line += "record " + std::to_string(*entry.ordinal);
  } else {
    line += entry.event;
    if (entry.batch_sequence) line += "  batch " + std::to_string(*entry.batch_sequence);
  }
  if (entry.outcome) line += "  " + std::string(to_string(*entry.outcome));
  if (entry.code) line += "  " + std::string(to_string(*entry.code));
  if (!entry.column.empty()) line += " in " + printable(entry.column, 60);
  if (!entry.message.empty()) line += ": " + printable(entry.message);
  return line + "\n";
}

/// Page by page: memory does not grow with the log.
void write_lines(JobStore& store, const Job& job, LogQuery query, std::uint64_t most,
                 const Write& write) {
  constexpr std::uint64_t page = 1000;
  while (most > 0) {
    query.limit = static_cast<std::uint32_t>(std::min(most, page));
    const auto entries = store.list_log(job.tenant_id, job.id, query);
    std::string text;
    for (const LogEntry& entry : entries) text += line_of(entry);
    write(text);
    if (entries.size() < query.limit) return;
    most -= entries.size();
    query.after = entries.back().cursor;
  }
}

}  // namespace

int log_command(const Options& options) {
  const LogQuery query = read_log_query(options);
  const std::string& format = options.log.format;
  if (format != "text" && format != "csv" && format != "jsonl")
    throw Error(Code::usage, "--format takes text, csv or jsonl, not '" + format + "'");
  if (options.output != "-") check_output_path(options.output);
  const auto from = open_tenant_storage(options, StorageUse::look);
  const Job job = find_job(from, options.arguments.front());
  const std::uint64_t most = options.limit.value_or(std::numeric_limits<std::uint64_t>::max());
  const auto write_to = [&](const Write& write) {
    JobStore& store = from.storage->jobs();
    if (format == "text") return write_lines(store, job, query, most, write);
    export_log(store, job, query, format == "csv" ? LogFormat::csv : LogFormat::ndjson, write,
               most);
  };
  if (options.output == "-") {
    write_to(print);
    return exit_completed;
  }
  OutputFile file(options.output);
  write_to([&](std::string_view text) { file.write(text); });
  file.commit();
  return exit_completed;
}

}  // namespace freight::daemon
