#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "freight/inspection.hpp"
#include "freight/record.hpp"
#include "mapping/values/arena_writer.hpp"
#include "mapping/values/converter.hpp"

namespace freight::inspect {

/// One way in which a column's texts may be meant. It takes a text only when Freight's own reader
/// does and nothing speaks against it: `007` is a number to the reader, but more likely a code.
/// Immutable and thread-safe.
class Reading {
 public:
  explicit Reading(ColumnReading description);

  const ColumnReading& description() const { return description_; }
  /// `decimal with ',' for the point`, `date as %d.%m.%Y`.
  std::string words() const;
  bool is_number() const;
  /// A number without groups, with a point.
  bool has_no_separators() const;
  /// A date or datetime.
  bool has_date() const;
  /// A year of two digits, whose century is a matter of convention.
  bool has_short_year() const;

  bool takes(std::string_view text, mapping::ArenaWriter& writer,
             std::string_view& canonical) const;

 private:
  bool is_likely(std::string_view text) const;

  ColumnReading description_;
  mapping::Converter converter_;
};

/// All there are beside text: the simplest first, which of several that fit is the better one.
const std::vector<Reading>& all_readings();

/// Words that are no value: `NA`, `NULL`, `0000-00-00`.
bool is_missing_word(std::string_view text);

}  // namespace freight::inspect
