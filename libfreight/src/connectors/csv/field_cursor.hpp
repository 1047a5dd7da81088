#pragma once

#include <cstddef>
#include <string_view>

#include "connectors/csv/dialect.hpp"

namespace freight::csv {

/// One field as it stands in its record.
struct FieldSlice {
  /// Its text without quotes and initial space, doubled quotes and escapes still in it.
  std::string_view content;
  /// All of it, up to the delimiter or the record's end.
  std::string_view raw;
  bool is_quoted = false;
  /// The content must be rewritten before it is the field's value.
  bool is_escaped = false;
  /// A quote stands where none may, or text after the closing quote.
  bool is_misplaced = false;
  /// Misplaced: an escape character with nothing behind it to take.
  bool ends_in_escape = false;
  /// Quoted and not closed: happens only in a record that the scanner gave up.
  bool is_open = false;
};

/// Walks over the fields of one record of any dialect, in the way of RecordScanner.
class FieldCursor {
 public:
  FieldCursor(const Dialect& dialect, std::string_view record);

  /// False after the last field.
  bool next(FieldSlice& field);
  /// Whether the field that next() gave is only what stands behind a delimiter at the record's end,
  /// in a dialect that allows one.
  bool is_trailing(const FieldSlice& field) const {
    return dialect_.allow_trailing_delimiter && !has_more_ && !field.is_quoted &&
           field.content.empty();
  }

  /// Writes the value of an escaped field to `out`, which has room for content.size() bytes, and
  /// returns its length.
  static std::size_t unescape(const Dialect& dialect, const FieldSlice& field, char* out);
  /// The value of a field, escaped or not.
  static std::string text_of(const Dialect& dialect, const FieldSlice& field);

 private:
  const char* end_of_quoted(const char* begin, FieldSlice& field) const;
  const char* end_of_plain(const char* begin, FieldSlice& field) const;

  const Dialect& dialect_;
  const char* place_;
  const char* end_;
  bool has_more_ = true;
};

}  // namespace freight::csv
