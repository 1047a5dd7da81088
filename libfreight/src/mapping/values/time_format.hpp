#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "freight/record.hpp"
#include "mapping/values/arena_writer.hpp"
#include "mapping/values/date_time.hpp"
#include "mapping/values/fault.hpp"

namespace freight::mapping {

/// A compiled `format` of a date, time or datetime.
///
/// `%Y` four digits; `%y` two (69 to 99 are 1969 to 1999, 00 to 68 are 2000 to 2068); `%m %d %H %I
/// %M %S` one or two; `%j` one to three; `%f` one or more, the seventh and later ones 0; `%b` and
/// `%B` English month names, short or long, in any case; `%p` AM or PM in any case; `%z` `Z`,
/// `±HH`, `±HHMM` or `±HH:MM`; `%%` a percent sign; anything else stands for itself. Digits are
/// taken greedily. Or `epoch_s` and `epoch_ms`: seconds or milliseconds since 1970, with a fraction
/// down to the microsecond if need be.
class TimeFormat {
 public:
  /// `type` is date, time or datetime. Throws Error(invalid_value) for a format that is not one, or
  /// that leaves the type undetermined (a date without a month).
  TimeFormat(std::string_view format, ValueType type);

  const std::string& text() const { return text_; }

  Fault convert(std::string_view text, int default_offset, ArenaWriter& writer,
                std::string_view& canonical) const;

 private:
  struct Step {
    /// The letter after `%`, or 0 for a literal.
    char letter = 0;
    std::string literal;
  };
  struct Reading;

  void compile();
  Fault read(std::string_view text, Reading& reading) const;
  Fault read_epoch(std::string_view text, CivilTime& civil) const;
  Fault write(CivilTime& civil, int offset, ArenaWriter& writer, std::string_view& canonical) const;

  std::string text_;
  ValueType type_;
  /// 0 for a format of letters; else the unit of an epoch in microseconds.
  std::int64_t epoch_unit_ = 0;
  std::vector<Step> steps_;
};

}  // namespace freight::mapping
