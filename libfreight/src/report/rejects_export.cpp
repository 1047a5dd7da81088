#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "freight/report.hpp"
#include "report/csv_text.hpp"
#include "report/raw_columns.hpp"
#include "report/stored_spec.hpp"

namespace freight {
namespace {

using report::append_csv_field;

constexpr std::string_view columns =
    "ordinal,line,byte_offset,byte_length,code,category,stage,column,value,expected,message,error_"
    "count,attempts,"
    "state,raw,raw_encoding";
/// A record may bring 64 KiB of raw text.
constexpr std::uint32_t page_size = 100;
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

/// A text that is there or not: one that was never set is empty.
std::optional<std::string_view> unless_empty(std::string_view text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

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

void append_record(std::string& out, const DeadLetter& record,
                   const report::RawColumns& raw_columns) {
  RowWriter row(out);
  row.number(record.ordinal);
  row.number(record.line);
  row.number(record.byte_offset);
  row.number(record.byte_length);
  append_error(row, record);
  row.number(record.attempts);
  row.text(to_string(record.state));
  // One word on the encoding speaks of raw and of the source's columns alike.
  const bool is_plain = report::is_plain_text(record.raw);
  row.text(unless_empty(is_plain ? record.raw : report::escape_bytes(record.raw)));
  row.text(is_plain ? "utf-8" : "escaped");
  for (const auto& value : raw_columns.split(record)) {
    row.text(value && !is_plain ? std::optional(report::escape_bytes(*value)) : value);
  }
  row.end();
}

}  // namespace

void export_rejects(JobStore& store, const Job& job,
                    const std::function<void(std::string_view)>& write) {
  const report::RawColumns raw_columns(report::StoredSpec(job.spec), job.source_fields);
  std::string out(columns);
  for (const auto& name : raw_columns.names()) {
    out += ',';
    append_csv_field(out, name);
  }
  out += '\n';
  std::uint64_t next_ordinal = 0;
  while (true) {
    const auto page = store.list_dead_letters(job.tenant_id, job.id, next_ordinal, page_size);
    for (const DeadLetter& record : page) {
      append_record(out, record, raw_columns);
      if (out.size() < piece_size) continue;
      write(out);
      out.clear();
    }
    if (page.size() < page_size) break;
    next_ordinal = page.back().ordinal + 1;
  }
  write(out);
}

}  // namespace freight
