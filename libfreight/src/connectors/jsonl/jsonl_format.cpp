#include "connectors/jsonl/jsonl_format.hpp"

#include <cstddef>
#include <utility>

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

}  // namespace

JsonlFormat::JsonlFormat(const JsonlSourceSpec& source, json::RecordLayout layout)
    : ObjectFormat({.encoding = source.encoding, .max_record_bytes = source.max_record_bytes},
                   std::move(layout)) {}

std::unique_ptr<file::RecordScanner> JsonlFormat::make_scanner(const file::LineStart& start) const {
  return std::make_unique<LineScanner>(max_record_bytes(), start);
}

std::string JsonlFormat::hint_for(std::string_view line) const {
  if (is_of_larger_document(line)) {
    return "JSONL has one whole object on each line; this looks like a JSON array, or like an "
           "object that is spread over lines. Read an array with \"type\": \"json\"; put objects "
           "on "
           "lines of their own with `jq -c . FILE`.";
  }
  if (line.find('\0') != std::string_view::npos) {
    return "If the file is UTF-16, set \"encoding\": \"utf-16le\" or \"utf-16be\" in the source.";
  }
  return "JSONL has one whole JSON object on each line.";
}

}  // namespace freight::jsonl
