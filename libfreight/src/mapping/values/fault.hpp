#pragma once

#include <cstdint>

namespace freight::mapping {

/// Why a text is not of a type. One byte on the hot path; the words are found afterwards.
enum class Fault : std::uint8_t {
  none,
  malformed,        ///< not of the type's form
  grouping,         ///< group separators that do not part groups of digits
  beyond_integer,   ///< not within 64 bits
  beyond_number,    ///< not within the range of a binary double
  sub_microsecond,  ///< digits other than 0 after the sixth of a fraction
  no_such_date,
  no_such_time,
  no_such_zone,
  beyond_years,  ///< not within the years 0001 to 9999 (of UTC)
  time_in_date,  ///< a date with a time of day other than midnight
  too_deep,      ///< JSON nested more deeply than 512
};

}  // namespace freight::mapping
