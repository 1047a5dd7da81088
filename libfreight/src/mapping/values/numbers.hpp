#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "freight/record.hpp"
#include "mapping/values/arena_writer.hpp"
#include "mapping/values/fault.hpp"

namespace freight::mapping {

/// `[+-]?digits` within 64 bits, made canonical: no `+`, no leading zeros, no `-0`. A slice of
/// `text` unless a sign and leading zeros stand together. `number` is the value.
Fault convert_integer(std::string_view text, ArenaWriter& writer, std::string_view& canonical,
                      std::int64_t& number);

/// `[+-]?(digits[.digits?]|.digits)([eE][+-]?digits)?`; canonical is the text without `+`: every
/// digit stays as it was written.
Fault convert_decimal(std::string_view text, std::string_view& canonical);

/// As a decimal, within the range of a binary double (neither infinite nor, unless zero, zero).
Fault convert_number(std::string_view text, std::string_view& canonical);

/// Turns a number written with other separators into a plain one: takes group separators out of the
/// integer part and puts `.` for `decimal_char`. Groups are of three digits, but for the first (one
/// to three) and, as in India, those before the last (two or three). A `.` that is neither
/// separator is malformed.
Fault normalise_number(std::string_view text, std::string_view decimal_char,
                       std::string_view group_char, ArenaWriter& writer, std::string_view& plain);

/// What a canonical decimal is made of: value = ±0.d1d2d3… * 10^magnitude.
struct DecimalParts {
  bool negative = false;
  bool zero = false;
  /// Of the first digit that is not 0: 1 for 1 to 9, 0 for 0.1 to 0.9. Saturates.
  std::int64_t magnitude = 0;
  /// Digits after the decimal point that are needed to write it without loss; negative for
  /// multiples of ten. Saturates.
  std::int64_t scale = 0;
  /// The significant digits, from the first to the last that is not 0. They stand in one or two
  /// pieces, before and after the point.
  std::string_view head;
  std::string_view tail;
};

/// `canonical` must be one.
DecimalParts decimal_parts(std::string_view canonical);

/// Below zero, zero or above it, like strcmp; exact for any length.
int compare_decimals(const DecimalParts& left, const DecimalParts& right);

/// True when a numeric(precision, scale) column holds it without rounding.
bool fits_numeric(const DecimalParts& parts, std::int64_t precision, std::int64_t scale);

}  // namespace freight::mapping
