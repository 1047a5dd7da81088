#pragma once

#include <cstddef>
#include <string_view>

#include "connectors/csv/dialect.hpp"
#include "freight/record.hpp"

namespace freight::csv {

/// A record between other bytes that may be read.
struct RecordText {
  std::string_view text;
  /// Bytes up to here may be looked at without harm.
  const char* readable_end = nullptr;
  /// What ScannedRecord said.
  bool has_quotes = false;
};

/// Splits records into fields and checks them. Thread-safe.
class FieldSplitter {
 public:
  FieldSplitter(const Dialect& dialect, std::size_t columns)
      : dialect_(dialect), columns_(columns) {}

  /// Fills `fields`, which has room for all columns, with slices of the record, and of `arena`
  /// where quotes or escapes must be taken out. False when something is wrong with the record:
  /// `fields` is of no use then, and parse_fault() says what it is.
  bool split(const RecordText& record, SourceField* fields, TextArena& arena) const;

 private:
  bool split_plain(const RecordText& record, SourceField* fields) const;
  bool split_careful(std::string_view record, SourceField* fields, TextArena& arena) const;

  Dialect dialect_;
  std::size_t columns_;
};

}  // namespace freight::csv
