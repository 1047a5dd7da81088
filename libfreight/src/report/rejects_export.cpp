#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "connectors/csv/rejects_columns.hpp"
#include "core/json_text.hpp"
#include "core/unless_empty.hpp"
#include "engine/reject_reader.hpp"
#include "freight/report.hpp"
#include "report/csv_text.hpp"
#include "report/raw_columns.hpp"

namespace freight {
namespace {

using core::unless_empty;
using report::append_csv_field;

constexpr std::size_t piece_size = std::size_t{64} * 1024;

/// Writes rows; every row ends with a line feed.
class RowWriter {
 public:
  explicit RowWriter(std::string& out) : out_(out) {}

  void text(std::optional<std::string_view> text) {
    separate();
    append_csv_field(out_, text);
  }
  /// Without its bytes that are not text.
  void data(const std::optional<std::string>& text) {
    if (!text || report::is_plain_text(*text)) return this->text(text);
    this->text(report::escape_bytes(*text));
  }
  void number(std::uint64_t number) {
    separate();
    out_ += std::to_string(number);
  }
  void end() {
    out_ += '\n';
    at_start_ = true;
  }

 private:
  void separate() {
    if (!at_start_) out_ += ',';
    at_start_ = false;
  }

  std::string& out_;
  bool at_start_ = true;
};

/// One cell for both: whoever corrects the cells sees nothing else of the error.
std::string message_with_hint(const RecordError& error) {
  if (error.hint.empty()) return error.message;
  const bool is_sentence = error.message.empty() || error.message.ends_with('.');
  return error.message + (is_sentence ? " " : ". ") + error.hint;
}

void append_error(RowWriter& row, const DeadLetter& record) {
  const RecordError error = record.errors.empty() ? RecordError{} : record.errors.front();
  row.text(to_string(error.code));
  row.text(to_string(code_info(error.code).category));
  row.text(to_string(error.stage));
  row.text(unless_empty(error.column));
  row.data(error.value);
  row.text(unless_empty(error.expected));
  row.text(unless_empty(message_with_hint(error)));
  row.number(record.errors.size());
}

/// A record's own text, taken apart. One word on the encoding speaks of all of it.
struct OwnText {
  OwnText(const DeadLetter& record, const report::RawColumns& raw_columns)
      : raw(raw_columns.text_of(record)),
        values(raw_columns.split(raw, record.byte_length, record.locator)) {
    is_plain = report::is_plain_text(raw) &&
               std::all_of(values.begin(), values.end(), [](const auto& value) {
                 return !value || report::is_plain_text(*value);
               });
    if (is_plain) return;
    raw = report::escape_bytes(raw);
    for (auto& value : values) {
      if (value) value = report::escape_bytes(*value);
    }
  }
  std::string_view encoding() const { return is_plain ? "utf-8" : csv::escaped_cells; }

  std::string raw;
  report::RawColumns::Values values;
  bool is_plain = true;
};

void append_record(std::string& out, const DeadLetter& record,
                   const report::RawColumns& raw_columns) {
  RowWriter row(out);
  if (raw_columns.with_file()) row.text(file_of_locator(record.locator));
  row.number(record.ordinal);
  row.number(record.line);
  row.number(record.byte_offset);
  row.number(record.byte_length);
  append_error(row, record);
  row.number(record.attempts);
  row.text(to_string(record.state));
  const OwnText own(record, raw_columns);
  row.text(unless_empty(own.raw));
  row.text(own.encoding());
  for (const auto& value : own.values) row.text(value);
  row.end();
}

void append_header(std::string& out, const report::RawColumns& raw_columns) {
  RowWriter row(out);
  for (const auto& name : raw_columns.rejects_header()) row.text(name);
  row.end();
}

void append_text(std::string& out, std::string_view name, std::string_view text) {
  core::append_json_key(out, name);
  core::append_json_string(
      out, report::is_plain_text(text) ? std::string(text) : report::escape_bytes(text));
}

void append_optional(std::string& out, std::string_view name,
                     const std::optional<std::string>& text) {
  if (text) return append_text(out, name, *text);
  core::append_json_key(out, name);
  out += "null";
}

void append_number(std::string& out, std::string_view name, std::uint64_t number) {
  core::append_json_key(out, name);
  out += std::to_string(number);
}

void append_object(std::string& out, const RecordError& error) {
  out += out.back() == '[' ? "{" : ",{";
  append_text(out, "code", to_string(error.code));
  append_text(out, "category", to_string(code_info(error.code).category));
  append_text(out, "stage", to_string(error.stage));
  append_optional(out, "column", error.column.empty() ? std::nullopt : std::optional(error.column));
  append_optional(out, "value", error.value);
  append_text(out, "expected", error.expected);
  append_text(out, "message", error.message);
  append_text(out, "hint", error.hint);
  append_optional(out, "sqlstate",
                  error.sqlstate.empty() ? std::nullopt : std::optional(error.sqlstate));
  core::append_json_key(out, "http_status");
  out += error.http_status ? std::to_string(*error.http_status) : "null";
  out += '}';
}

void append_members(std::string& out, const DeadLetter& record,
                    const report::RawColumns& raw_columns) {
  const OwnText own(record, raw_columns);
  append_number(out, "ordinal", record.ordinal);
  const std::string file = file_of_locator(record.locator);
  if (!file.empty()) append_text(out, "file", file);
  append_number(out, "line", record.line);
  append_number(out, "byte_offset", record.byte_offset);
  append_number(out, "byte_length", record.byte_length);
  append_number(out, "attempts", record.attempts);
  append_text(out, "state", to_string(record.state));
  append_text(out, "raw", own.raw);
  append_text(out, "raw_encoding", own.encoding());
  core::append_json_key(out, "record");
  out += '{';
  for (std::size_t index = 0; index < own.values.size(); ++index) {
    if (index > 0) out += ',';
    core::append_json_string(out, raw_columns.names()[index]);
    out += ':';
    if (own.values[index]) {
      core::append_json_string(out, *own.values[index]);
    } else {
      out += "null";
    }
  }
  out += '}';
  core::append_json_key(out, "errors");
  out += '[';
  for (const auto& error : record.errors) append_object(out, error);
  out += ']';
}

void append_object(std::string& out, const DeadLetter& record,
                   const report::RawColumns& raw_columns) {
  out += '{';
  append_members(out, record, raw_columns);
  out += "}\n";
}

}  // namespace

std::vector<std::string> render_dead_letters(const Job& job, std::span<const DeadLetter> letters) {
  const report::RawColumns raw_columns(job);
  std::vector<std::string> texts;
  for (const DeadLetter& letter : letters) {
    std::string& out = texts.emplace_back("{");
    append_text(out, "id", letter.id.to_string());
    append_text(out, "job_id", letter.job_id.to_string());
    append_text(out, "kind", "record");
    append_text(out, "batch_id", letter.batch_id.to_string());
    append_number(out, "batch_sequence", letter.batch_sequence);
    append_text(out, "key", key_text(letter.key_values));
    append_text(out, "first_at", format_timestamp(letter.first_at));
    append_text(out, "last_at", format_timestamp(letter.last_at));
    core::append_json_key(out, "in_replay");
    out += letter.in_replay ? "true" : "false";
    core::append_json_key(out, "erased");
    out += letter.erased ? "true" : "false";
    append_members(out, letter, raw_columns);
    out += '}';
  }
  return texts;
}

std::string render_record_error(const RecordError& error) {
  std::string out = "[";
  append_object(out, error);
  return out.substr(1);
}

void export_rejects(JobStore& store, const Job& job,
                    const std::function<void(std::string_view)>& write,
                    const RejectsOptions& options) {
  const report::RawColumns raw_columns(job);
  const bool is_csv = options.format == RejectsFormat::csv;
  std::string out;
  if (is_csv) append_header(out, raw_columns);
  engine::RejectReader(store, job, options.connectors).for_each([&](const DeadLetter& record) {
    if (is_csv) {
      append_record(out, record, raw_columns);
    } else {
      append_object(out, record, raw_columns);
    }
    if (out.size() < piece_size) return;
    write(out);
    out.clear();
  });
  write(out);
}

}  // namespace freight
