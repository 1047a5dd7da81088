#include "connectors/csv/field_cursor.hpp"

#include "connectors/file/byte_search.hpp"

namespace freight::csv {

using file::find_any;
using file::find_either;

namespace {

std::string_view text_between(const char* begin, const char* end) {
  return {begin, static_cast<std::size_t>(end - begin)};
}

/// Whether an escape character before `byte` says something.
bool has_meaning(const Dialect& dialect, char byte) {
  return byte == dialect.delimiter || byte == dialect.escape || byte == '\n' || byte == '\r' ||
         (dialect.has_quote && byte == dialect.quote) ||
         (dialect.has_comment && byte == dialect.comment);
}

}  // namespace

FieldCursor::FieldCursor(const Dialect& dialect, std::string_view record)
    : dialect_(dialect), place_(record.data()), end_(record.data() + record.size()) {}

bool FieldCursor::next(FieldSlice& field) {
  if (!has_more_) return false;
  field = {};
  const char* const begin = place_;
  if (dialect_.skip_initial_space) {
    while (place_ != end_ && *place_ == ' ') ++place_;
  }
  const bool is_quoted = dialect_.has_quote && place_ != end_ && *place_ == dialect_.quote;
  const char* const end =
      is_quoted ? end_of_quoted(place_ + 1, field) : end_of_plain(place_, field);
  if (!is_quoted) field.content = text_between(place_, end);
  field.raw = text_between(begin, end);
  has_more_ = end != end_;
  place_ = has_more_ ? end + 1 : end;
  return true;
}

/// The delimiter or record end after a field whose opening quote is before `begin`.
const char* FieldCursor::end_of_quoted(const char* begin, FieldSlice& field) const {
  field.is_quoted = true;
  const char* place = begin;
  while (true) {
    // Not find_byte(): most fields are shorter than its call takes.
    place = find_either(place, end_, dialect_.quote,
                        dialect_.has_escape ? dialect_.escape : dialect_.quote);
    if (place == end_) {
      field.is_open = true;
      field.content = text_between(begin, end_);
      return end_;
    }
    const bool has_next = place + 1 != end_;
    if (*place != dialect_.quote) {
      field.is_escaped |= has_next && has_meaning(dialect_, place[1]);
      place += has_next ? 2 : 1;
    } else if (dialect_.doubled_quotes && has_next && place[1] == dialect_.quote) {
      field.is_escaped = true;
      place += 2;
    } else {
      break;
    }
  }
  field.content = text_between(begin, place);
  ++place;
  if (place == end_ || *place == dialect_.delimiter) return place;
  FieldSlice rest;
  const char* const end = end_of_plain(place, rest);
  field.is_misplaced = true;
  return end;
}

/// The delimiter or record end after text outside quotes.
const char* FieldCursor::end_of_plain(const char* begin, FieldSlice& field) const {
  const char* place = begin;
  while (true) {
    place = dialect_.has_escape ? find_any(place, end_, dialect_.delimiter, dialect_.quote,
                                           dialect_.escape, dialect_.escape)
                                : find_either(place, end_, dialect_.delimiter, dialect_.quote);
    if (place == end_ || *place == dialect_.delimiter) return place;
    if (dialect_.has_escape && *place == dialect_.escape) {
      const bool has_next = place + 1 != end_;
      field.is_escaped |= has_next && has_meaning(dialect_, place[1]);
      // Nothing is left for it to take: only the end of the file leaves one so.
      field.ends_in_escape |= !has_next;
      field.is_misplaced |= !has_next;
      place += has_next ? 2 : 1;
    } else {
      field.is_misplaced |= dialect_.has_quote;
      ++place;
    }
  }
}

std::size_t FieldCursor::unescape(const Dialect& dialect, const FieldSlice& field, char* out) {
  const char* place = field.content.data();
  const char* const end = place + field.content.size();
  char* to = out;
  while (place != end) {
    const bool has_next = place + 1 != end;
    const bool is_escape = dialect.has_escape && *place == dialect.escape && has_next;
    const bool is_doubled = field.is_quoted && dialect.doubled_quotes && *place == dialect.quote;
    if (is_escape && !has_meaning(dialect, place[1])) {
      *to++ = *place++;
    } else if (is_escape || (is_doubled && has_next)) {
      ++place;
    }
    *to++ = *place++;
  }
  return static_cast<std::size_t>(to - out);
}

std::string FieldCursor::text_of(const Dialect& dialect, const FieldSlice& field) {
  std::string text(field.content);
  if (field.is_escaped) text.resize(unescape(dialect, field, text.data()));
  return text;
}

}  // namespace freight::csv
