#include "connectors/json_array/array_scanner.hpp"

#include "connectors/file/source_places.hpp"
#include "freight/error.hpp"

namespace freight::json_array {
namespace {

bool is_space(char byte) { return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r'; }

/// What may follow a value.
bool is_end(char byte) { return byte == ',' || byte == '}' || byte == ']'; }

std::string place_text(const file::InputFile& file, std::uint64_t line, std::uint64_t offset) {
  return "line " + std::to_string(line) + " (byte " +
         std::to_string(file::SourcePlaces(file).at(offset)) + ")";
}

}  // namespace

ArrayScanner::ArrayScanner(const ArrayPlace& array, std::uint64_t max_record_bytes,
                           const file::LineStart& start)
    : array_(array),
      max_record_bytes_(max_record_bytes),
      position_(start.offset),
      line_(start.line),
      may_be_empty_(start.offset == array.begin.offset) {}

ArrayScanner::Step ArrayScanner::next(const file::Window& window, file::ScannedRecord& record) {
  if (position_ < window.offset || position_ > window.end()) return Step::more;
  const std::uint64_t begin = position_;
  bool is_record = false;
  while (!is_record && state_ != State::finished && position_ < window.end()) {
    if (state_ == State::string) pass_plain(window);
    if (position_ < window.end()) is_record = take(*window.at(position_), record);
  }
  work_ += position_ - begin;
  if (is_record) return Step::record;
  if (state_ == State::finished) return Step::end;
  if (window.is_last) return finish(record);
  // What is discarded is not kept, but the brace has to be when it begins the next element.
  if (state_ == State::line_brace && is_discarding()) {
    position_ = brace_;
    line_ = brace_line_;
    state_ = State::string_line;
  }
  return Step::more;
}

bool ArrayScanner::is_discarding() const {
  return is_in_element() && position_ - start_ > max_record_bytes_;
}

/// What in a string is nothing but its text.
void ArrayScanner::pass_plain(const file::Window& window) {
  const char* const end = window.data + window.size;
  const char* place = window.at(position_);
  while (place != end && *place != '"' && *place != '\\' && *place != '\n') ++place;
  position_ = window.offset + static_cast<std::uint64_t>(place - window.data);
  content_end_ = position_;
}

bool ArrayScanner::take(char byte, file::ScannedRecord& record) {
  switch (state_) {
    case State::between:
      return take_between(byte, record);
    case State::structure:
      return take_structure(byte, record);
    case State::string:
    case State::escape:
      take_in_string(byte);
      return false;
    case State::string_line:
      take_after_break(byte);
      return false;
    case State::line_quote:
      return take_after_quote(byte, record);
    case State::line_brace:
      return take_after_brace(byte, record);
    case State::rest:
      take_rest(byte);
      return false;
    case State::rest_string:
      if (byte == '"') state_ = State::rest;
      if (byte == '\\') state_ = State::rest_escape;
      pass(byte);
      return false;
    case State::rest_escape:
      state_ = State::rest_string;
      pass(byte);
      return false;
    case State::finished:
      return false;
  }
  return false;
}

bool ArrayScanner::take_between(char byte, file::ScannedRecord& record) {
  if (is_space(byte) || (byte == ']' && may_be_empty_)) {
    pass(byte);
    if (byte == ']') leave_array();
    return false;
  }
  begin_element(position_, line_);
  return take_structure(byte, record);
}

bool ArrayScanner::take_structure(char byte, file::ScannedRecord& record) {
  const bool is_open = depth_ > 0 || too_deep_ > 0;
  switch (byte) {
    case ' ':
    case '\t':
    case '\r':
    case '\n':
      pass(byte);
      return false;
    case ',':
      if (is_open) break;
      give(record, position_, position_ + 1);
      pass(byte);
      state_ = State::between;
      return true;
    case ']':
      if (arrays_ > 0 || too_deep_ > 0) {
        close(true);
        break;
      }
      give(record, position_, position_ + 1);
      pass(byte);
      leave_array();
      return true;
    case '{':
      if (is_next_element(position_)) {
        give(record, position_, position_);
        begin_element(position_, line_);
        return true;
      }
      open(false);
      break;
    case '[':
      open(true);
      break;
    case '}':
      close(false);
      break;
    case '"':
      state_ = State::string;
      break;
    default:
      break;
  }
  last_ = byte;
  pass(byte);
  content_end_ = position_;
  return false;
}

void ArrayScanner::take_in_string(char byte) {
  if (byte == '\n') {
    state_ = State::string_line;
    return pass(byte);
  }
  if (state_ == State::escape) {
    state_ = State::string;
  } else if (byte == '\\') {
    state_ = State::escape;
  } else if (byte == '"') {
    state_ = State::structure;
  }
  pass(byte);
  content_end_ = position_;
}

void ArrayScanner::take_after_break(char byte) {
  if (is_space(byte)) return pass(byte);
  if (byte == '{') {
    brace_ = position_;
    brace_line_ = line_;
    state_ = State::line_brace;
    return pass(byte);
  }
  state_ = State::string;
  if (byte != '"') return;
  state_ = State::line_quote;
  pass(byte);
  content_end_ = position_;
}

bool ArrayScanner::take_after_quote(char byte, file::ScannedRecord& record) {
  if (is_space(byte) || is_end(byte) || byte == ':') {
    state_ = State::structure;
    return take_structure(byte, record);
  }
  // The string before was not closed: its line has ended it, and this is the next one.
  state_ = State::string;
  return false;
}

bool ArrayScanner::take_after_brace(char byte, file::ScannedRecord& record) {
  // The brace has to be at hand when it begins an element.
  if (is_space(byte) && !is_discarding()) {
    pass(byte);
    return false;
  }
  if (byte != '"' && byte != '}') {
    state_ = State::string;
    content_end_ = position_;
    return false;
  }
  state_ = State::structure;
  const bool is_next = depth_ == 0 || is_next_element(brace_);
  if (is_next) {
    give(record, brace_, brace_);
    begin_element(brace_, brace_line_);
  }
  open(false);
  last_ = '{';
  content_end_ = brace_ + 1;
  return is_next;
}

/// Whether the brace at `offset` cannot belong to the element: nothing lets an object stand there,
/// and it does not stand in a list within the element.
bool ArrayScanner::is_next_element(std::uint64_t offset) const {
  if (too_deep_ > 0 || arrays_ > 0 || offset == start_) return false;
  return depth_ == 0 ? was_whole_ : last_ != ':';
}

/// The element is an object or array that was closed.
bool ArrayScanner::is_whole() const { return depth_ == 0 && (last_ == '}' || last_ == ']'); }

void ArrayScanner::take_rest(char byte) {
  if (is_space(byte)) return pass(byte);
  if (depth_ == 0 && too_deep_ == 0) return fail(Problem::more, position_, line_);
  if (last_ == '\0' && !is_end(byte)) return fail(Problem::wrong_end, position_, line_);
  switch (byte) {
    case '"':
      state_ = State::rest_string;
      break;
    case '{':
    case '[':
      open(byte == '[');
      break;
    case '}':
    case ']':
      if (too_deep_ == 0 && is_array_[depth_ - 1] != (byte == ']')) {
        return fail(Problem::wrong_end, position_, line_);
      }
      close(byte == ']');
      break;
    default:
      break;
  }
  last_ = byte;
  pass(byte);
}

void ArrayScanner::begin_element(std::uint64_t offset, std::uint64_t line) {
  start_ = offset;
  start_line_ = line;
  content_end_ = offset;
  last_ = '\0';
  depth_ = 0;
  arrays_ = 0;
  too_deep_ = 0;
  was_whole_ = false;
  may_be_empty_ = false;
  state_ = State::structure;
}

/// The element, up to `stop`, where its separator or the next one is; the record ends at `end`.
void ArrayScanner::give(file::ScannedRecord& record, std::uint64_t stop, std::uint64_t end) {
  const bool is_too_long = stop - start_ > max_record_bytes_;
  record = {.offset = start_,
            .length = (is_too_long ? stop : content_end_) - start_,
            .end = end,
            .line = start_line_};
  if (is_too_long) {
    record.fault = file::ScanFault::record_too_long;
  } else if (stop == end && is_whole()) {
    record.fault = file::ScanFault::missing_comma;
  }
}

void ArrayScanner::leave_array() {
  state_ = State::rest;
  last_ = '\0';
  depth_ = 0;
  arrays_ = 0;
  too_deep_ = 0;
  for (const char bracket : array_.enclosing) open(bracket == '[');
}

void ArrayScanner::open(bool is_array) {
  if (depth_ == deepest) {
    ++too_deep_;
    return;
  }
  is_array_[depth_++] = is_array;
  if (is_array) ++arrays_;
}

/// An end that nothing was begun for is nothing but text.
void ArrayScanner::close(bool is_array) {
  if (too_deep_ > 0) {
    --too_deep_;
    return;
  }
  if ((is_array ? arrays_ : depth_ - arrays_) == 0) return;
  bool was_array = !is_array;
  while (was_array != is_array) {
    was_array = is_array_[--depth_];
    if (was_array) --arrays_;
  }
  if (depth_ == 0) was_whole_ = true;
}

void ArrayScanner::pass(char byte) {
  if (byte == '\n') ++line_;
  ++position_;
}

/// Nothing follows: of a part of the file because another element does, which is no fault then.
ArrayScanner::Step ArrayScanner::finish(file::ScannedRecord& record) {
  if (is_in_element()) {
    give(record, position_, position_);
    fail(Problem::open_element, start_, start_line_);
    return Step::record;
  }
  if (state_ == State::between) {
    fail(Problem::open_array, position_, line_);
  } else if (depth_ > 0 || too_deep_ > 0 || state_ != State::rest) {
    fail(Problem::open_rest, position_, line_);
  }
  state_ = State::finished;
  return Step::end;
}

void ArrayScanner::fail(Problem problem, std::uint64_t offset, std::uint64_t line) {
  state_ = State::finished;
  problem_ = problem;
  problem_offset_ = offset;
  problem_line_ = line;
}

void ArrayScanner::check_end(const file::InputFile& file) const {
  const std::string place = place_text(file, problem_line_, problem_offset_);
  const std::string source_text = "The source " + file.path().string() + " ";
  const std::string array_text = "the array of its records, which begins on " +
                                 place_text(file, array_.begin.line, array_.begin.offset - 1) +
                                 ", ";
  switch (problem_) {
    case Problem::none:
      return;
    case Problem::open_element:
      throw Error(Code::source_unreadable,
                  source_text + "ends within the element that begins on " + place +
                      ", the array of its records is not closed",
                  {.hint = "Was the file cut off while it was copied? If not, a quote or a bracket "
                           "is missing in that element."});
    case Problem::open_array:
      throw Error(
          Code::source_unreadable,
          source_text + "ends on " + place + " where " + array_text + "is not closed",
          {.hint = "Was the file cut off while it was copied? If not, put a ] at its end."});
    case Problem::open_rest:
      throw Error(Code::source_unreadable,
                  source_text + "ends on " + place + " where what " + array_text +
                      "stands in is not closed",
                  {.hint = "Was the file cut off while it was copied? If not, close it."});
    case Problem::wrong_end:
      throw Error(Code::source_unreadable,
                  source_text + "is no JSON on " + place + ", behind " + array_text +
                      "and within what that stands in",
                  {.hint = "Correct it there: a comma, or the end of an object or of an array."});
    case Problem::more:
      throw Error(
          Code::source_unreadable,
          source_text + "goes on behind its JSON, on " + place + ": nothing may follow there",
          {.hint = "Take out what follows, or put each text in a file of its own."});
  }
}

}  // namespace freight::json_array
