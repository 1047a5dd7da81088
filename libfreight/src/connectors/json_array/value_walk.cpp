#include "connectors/json_array/value_walk.hpp"

#include <cstddef>

#include "connectors/file/text_encoding.hpp"
#include "connectors/json/object_reader.hpp"

namespace freight::json_array {
namespace {

/// No name that anybody asks for is longer.
constexpr std::size_t longest_name = std::size_t{64} * 1024;

bool ends_scalar(char byte) {
  return byte == ',' || byte == '}' || byte == ']' || byte == ' ' || byte == '\t' || byte == '\n' ||
         byte == '\r';
}

}  // namespace

std::string_view ValueWalk::kind() {
  const char byte = text_.peek_token();
  if (text_.is_at_end()) fail("the text ends");
  switch (byte) {
    case '{':
      return "an object";
    case '[':
      return "an array";
    case '"':
      return "a string";
    case 't':
    case 'f':
      return "a boolean";
    case 'n':
      return "null";
    default:
      return byte == '-' || (byte >= '0' && byte <= '9') ? "a number" : "no JSON value";
  }
}

std::optional<std::string> ValueWalk::next_member() {
  if (is_closed('}')) return std::nullopt;
  if (text_.peek_token() != '"') fail("a name in quotes is missing");
  std::string name = read_name();
  if (text_.peek_token() != ':') fail("a colon is missing");
  text_.pass();
  text_.peek_token();
  return name;
}

bool ValueWalk::next_element() {
  if (is_closed(']')) return false;
  text_.peek_token();
  return true;
}

bool ValueWalk::is_closed(char end) {
  const char byte = text_.peek_token();
  if (text_.is_at_end()) fail("the text ends");
  const bool is_first = is_first_;
  is_first_ = false;
  if (byte == end) {
    text_.pass();
    return true;
  }
  if (is_first) return false;
  if (byte != ',') {
    fail(end == '}' ? "a comma or the object's end is missing"
                    : "a comma or the array's end is missing");
  }
  text_.pass();
  return false;
}

void ValueWalk::pass_value() {
  std::size_t depth = 0;
  do {
    const char byte = text_.peek_token();
    if (text_.is_at_end()) fail("the text ends");
    if (byte == '"') {
      pass_string(nullptr);
    } else if (byte == '{' || byte == '[') {
      ++depth;
      text_.pass();
    } else if (depth == 0 && ends_scalar(byte)) {
      fail("a value is missing");
    } else if (byte == '}' || byte == ']') {
      --depth;
      text_.pass();
    } else if (byte == ',' || byte == ':') {
      text_.pass();
    } else {
      while (!text_.is_at_end() && !ends_scalar(text_.peek())) text_.pass();
    }
  } while (depth > 0);
}

std::string ValueWalk::read_name() {
  const file::LineStart begin = text_.spot();
  // As the only member of an object, for the reader that knows of escapes.
  std::string object = "{\"";
  pass_string(&object);
  // Nobody asks for it; where it was cut a character may be, or an escape.
  if (object.size() >= longest_name) return object;
  object = file::to_utf8(object, encoding_) + "\":0}";
  TextArena arena;
  json::ObjectReader reader;
  if (const auto fault = reader.read(object, arena)) {
    throw WalkFault{.place = text_.place_of(begin),
                    .reason = "a name is no string of JSON: " + std::string(fault->reason)};
  }
  return std::string(reader.members()[0].name);
}

/// Adds what is within the quotes to `raw`, unless it is longer than names are.
void ValueWalk::pass_string(std::string* raw) {
  const file::LineStart begin = text_.spot();
  text_.pass();
  while (!text_.is_at_end()) {
    const char byte = text_.peek();
    text_.pass();
    if (byte == '"') return;
    const bool is_kept = raw != nullptr && raw->size() < longest_name;
    if (is_kept) *raw += byte;
    if (byte != '\\' || text_.is_at_end()) continue;
    if (is_kept) *raw += text_.peek();
    text_.pass();
  }
  throw WalkFault{.place = text_.place_of(begin), .reason = "a string is not closed"};
}

void ValueWalk::fail(std::string reason) {
  throw WalkFault{.place = text_.place(), .reason = std::move(reason)};
}

}  // namespace freight::json_array
