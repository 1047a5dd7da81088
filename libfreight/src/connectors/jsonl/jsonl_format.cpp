#include "connectors/jsonl/jsonl_format.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include "connectors/file/printable.hpp"
#include "connectors/file/text_encoding.hpp"
#include "connectors/file/too_long.hpp"
#include "connectors/json/object_reader.hpp"
#include "connectors/jsonl/line_scanner.hpp"

namespace freight::jsonl {
namespace {

/// Whether a line that is no object looks like a part of an array or of an object that is spread
/// over lines.
bool is_of_larger_document(std::string_view line) {
  constexpr std::string_view space = " \t\r\n";
  const std::size_t begin = line.find_first_not_of(space);
  if (begin == std::string_view::npos) return false;
  line = line.substr(begin, line.find_last_not_of(space) - begin + 1);
  const bool is_member = line.front() == '"' && line.find("\":") != std::string_view::npos;
  return line.front() == '[' || line.front() == ']' || line.front() == '}' || line.back() == ',' ||
         line.back() == '[' || line == "{" || is_member;
}

std::string hint_for(std::string_view line) {
  if (is_of_larger_document(line)) {
    return "JSONL has one whole object on each line; this looks like a JSON array, or like an "
           "object that is spread over lines. Convert the file, for example with "
           "`jq -c '.[]' FILE` (an array) or `jq -c . FILE` (objects one after the other).";
  }
  if (line.find('\0') != std::string_view::npos) {
    return "If the file is UTF-16, convert it with `iconv -f UTF-16 -t UTF-8`.";
  }
  return "JSONL has one whole JSON object on each line.";
}

}  // namespace

class JsonlFormat::Reader final : public file::RecordReader {
 public:
  Reader(const JsonlFormat& format, RecordBatch& batch) : format_(format), batch_(batch) {}

  bool read(const file::FoundRecord& found, std::size_t index) override {
    std::string_view text = found.record.raw;
    if (format_.encoding_ != Encoding::utf_8) {
      const std::size_t sound = file::valid_prefix(text, format_.encoding_);
      if (sound != text.size()) {
        fault_ = {.code = Code::invalid_utf8, .offset = sound};
        return false;
      }
      text = file::to_utf8(text, format_.encoding_, batch_.arena);
    }
    if (const auto fault = reader_.read(text, batch_.arena)) {
      fault_ = *fault;
      fault_.offset = file::encoded_size(text, fault_.offset, format_.encoding_);
      return false;
    }
    format_.layout_.place(reader_.members(), index, batch_);
    return true;
  }

  RecordError error(const file::FoundRecord& found) override {
    const std::string_view raw = found.record.raw;
    if (found.place.fault == file::ScanFault::record_too_long) {
      return file::too_long_fault({.length = found.record.byte_length,
                                   .max_record_bytes = format_.max_record_bytes_,
                                   .head = raw,
                                   .encoding = format_.encoding_});
    }
    const std::string place = "byte " + std::to_string(fault_.offset) + " of the line (byte " +
                              std::to_string(found.record.byte_offset + fault_.offset) +
                              " of the file)";
    RecordError error{.code = fault_.code,
                      .stage = Stage::parse,
                      .value = file::printable(raw, format_.encoding_)};
    if (fault_.code == Code::invalid_utf8) {
      error.expected = file::expected_encoding(format_.encoding_);
      error.message = "The byte " + file::printable_byte(raw[fault_.offset]) + ", " + place +
                      ", is not valid " + error.expected;
      error.hint = file::encoding_hint(raw, fault_.offset, format_.encoding_);
      return error;
    }
    error.expected = "a JSON object";
    error.message = "At " + place + " " + std::string(fault_.reason);
    error.hint = fault_.code == Code::nul_byte ? "Text columns cannot hold NUL: take it out."
                                               : hint_for(raw);
    return error;
  }

 private:
  const JsonlFormat& format_;
  RecordBatch& batch_;
  json::ObjectReader reader_;
  /// Of the record that was refused last, in the file's own bytes.
  json::Fault fault_;
};

JsonlFormat::JsonlFormat(const JsonlSourceSpec& source, json::RecordLayout layout)
    : max_record_bytes_(source.max_record_bytes),
      encoding_(source.encoding),
      layout_(std::move(layout)) {}

std::unique_ptr<file::RecordScanner> JsonlFormat::make_scanner(const file::LineStart& start) const {
  return std::make_unique<LineScanner>(max_record_bytes_, start);
}

std::unique_ptr<file::RecordReader> JsonlFormat::make_reader(RecordBatch& batch) const {
  return std::make_unique<Reader>(*this, batch);
}

file::ScannedRecord JsonlFormat::scan_alone(std::string_view text) const {
  // Line breaks are white space between the parts of one object.
  file::ScannedRecord record{.length = text.size(), .line = 1};
  if (text.size() > max_record_bytes_) record.fault = file::ScanFault::record_too_long;
  return record;
}

}  // namespace freight::jsonl
