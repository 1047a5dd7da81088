#include "inspect/head.hpp"

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <vector>

#include "connectors/file/byte_order_mark.hpp"
#include "connectors/json/object_reader.hpp"
#include "connectors/json_array/array_place.hpp"
#include "freight/error.hpp"

namespace freight::inspect {
namespace {

constexpr std::uint64_t head_bytes = std::uint64_t{1} << 20U;

[[noreturn]] void refuse_file(const file::InputFile& file, const std::string& what,
                              const std::string& hint) {
  throw Error(Code::source_unreadable, "The source " + file.path().string() + " " + what,
              {.hint = hint});
}

void refuse_binary(const file::InputFile& file, std::string_view text) {
  const auto nuls = static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\0'));
  if (nuls == 0) return;
  // In UTF-16 every other byte of western text is NUL.
  if (nuls > text.size() / 5) {
    refuse_file(file,
                "has a NUL in " + count_text(nuls) + " of its first " + count_text(text.size()) +
                    " bytes: it is UTF-16 without a mark, or no text",
                "If it is UTF-16, write a job with \"encoding\": \"utf-16le\" or \"utf-16be\".");
  }
  refuse_file(file, "holds NUL bytes: it is no text", "Export it as text, such as CSV.");
}

/// LF unless only CR is there, as the reader of CSV files has it.
void find_line_end(const file::InputFile& file, Head& head) {
  std::uint64_t line_feeds = 0;
  std::uint64_t pairs = 0;
  std::uint64_t returns = 0;
  for (std::size_t place = 0; place < head.text.size(); ++place) {
    if (head.text[place] == '\n') {
      ++line_feeds;
      if (place > 0 && head.text[place - 1] == '\r') ++pairs;
    } else if (head.text[place] == '\r') {
      ++returns;
    }
  }
  // A few LF among them would be data then, and CR data otherwise.
  if (line_feeds > 0 && returns - pairs > 20 * line_feeds) {
    refuse_file(file,
                "ends lines with CR alone " + times_text(returns - pairs) + " and LF " +
                    times_text(line_feeds) + ": which of them is meant is not clear",
                "Make them alike, for example with `tr '\\r' '\\n'`.");
  }
  if (line_feeds == 0 && returns > 0) {
    head.line_end = '\r';
    head.line_end_evidence = "CR alone, " + times_text(returns);
  } else if (line_feeds == 0) {
    head.line_end_evidence = "none: the file has a single line";
  } else if (pairs == 0) {
    head.line_end_evidence = "LF, " + times_text(line_feeds);
  } else if (pairs == line_feeds) {
    head.line_end_evidence = "CRLF, " + times_text(pairs);
  } else {
    head.line_end_evidence = "LF " + times_text(line_feeds - pairs) + " and CRLF " +
                             times_text(pairs) + "; both are read";
  }
}

/// Whether a line is an object of its own, and no other line is needed to make it one.
bool is_object(std::string_view line) {
  TextArena arena;
  json::ObjectReader reader;
  const auto fault = reader.read(line, arena);
  // Its encoding is not known yet.
  return !fault || fault->code == Code::invalid_utf8;
}

/// Takes the one array of objects of a larger text for the records.
void take_array(const file::InputFile& file, const std::vector<std::string>& arrays, Head& head) {
  if (arrays.size() > 1) {
    std::string list;
    for (const std::string& array : arrays) list += (list.empty() ? "\"" : ", \"") + array + '"';
    refuse_file(file, "is a JSON text with several arrays of objects: " + list,
                "Write a job with \"type\": \"json\" and the \"records_pointer\" of the one to "
                "load.");
  }
  head.format = TextFormat::json;
  head.records_pointer = arrays[0];
}

void look_for_json(const file::InputFile& file, Head& head) {
  const std::size_t first = head.text.find_first_not_of(" \t\r\n");
  if (first == std::string::npos) return;
  const std::string_view rest = std::string_view(head.text).substr(first);
  const std::size_t second = rest.substr(1).find_first_not_of(" \t\r\n");
  const char next = second == std::string_view::npos ? '\0' : rest[second + 1];
  if (rest[0] == '[' && (next == '{' || next == ']')) {
    head.format = TextFormat::json;
    return;
  }
  if (rest[0] != '{' || (next != '"' && next != '}')) return;
  const std::size_t end = std::min(rest.find('\n'), rest.size());
  const std::string_view line = rest.substr(0, end);
  const bool has_more = !head.whole || rest.find_first_not_of(" \t\r\n", end) != rest.npos;
  if (!has_more || !is_object(line)) {
    const auto arrays = json_array::arrays_of_objects(file, {.offset = head.mark}, head_bytes, {});
    if (!arrays.empty()) return take_array(file, arrays, head);
  }
  if (line.find('}') == std::string_view::npos) {
    refuse_file(file, "holds JSON objects that are spread over lines, and no array of them",
                "Freight reads an array of objects, or one object a line: convert it with "
                "`jq -c . FILE`.");
  }
  head.format = TextFormat::jsonl;
}

/// Cuts what is behind the last line end, unless there is nothing more to come.
void keep_whole_lines(const file::InputFile& file, Head& head) {
  if (head.whole) return;
  const std::size_t end = head.text.rfind(head.line_end);
  if (end == std::string::npos) {
    refuse_file(file, "has no line end in its first MiB: it is no table of text",
                "Check the file; records end with LF, CRLF or CR.");
  }
  head.text.resize(end + 1);
}

}  // namespace

Head read_head(const file::InputFile& file) {
  Head head;
  std::vector<std::string> warnings;
  head.mark = file::byte_order_mark_size(file, Encoding::utf_8, warnings);
  const std::uint64_t rest = file.size() - head.mark;
  head.whole = rest <= head_bytes;
  head.text.resize(static_cast<std::size_t>(std::min(rest, head_bytes)));
  file.read(head.mark, head.text);
  if (head.text.find_first_not_of(" \t\r\n") == std::string::npos && head.whole) {
    throw Error(Code::missing_header, "The source " + file.path().string() + " is empty",
                {.hint = "There is nothing to look at; write the job by hand."});
  }
  refuse_binary(file, head.text);
  find_line_end(file, head);
  look_for_json(file, head);
  if (head.format != TextFormat::json) keep_whole_lines(file, head);
  return head;
}

std::string count_text(std::uint64_t count) {
  std::string text = std::to_string(count);
  for (std::size_t place = text.size(); place > 3;) text.insert(place -= 3, " ");
  return text;
}

std::string times_text(std::uint64_t count) {
  return count_text(count) + (count == 1 ? " time" : " times");
}

}  // namespace freight::inspect
