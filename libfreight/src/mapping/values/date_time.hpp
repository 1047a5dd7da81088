#pragma once

#include <cstdint>
#include <string_view>

#include "mapping/values/arena_writer.hpp"
#include "mapping/values/fault.hpp"

namespace freight::mapping {

/// A date and a time of day of the proleptic Gregorian calendar.
struct CivilTime {
  int year = 1970;
  int month = 1;
  int day = 1;
  int hour = 0;
  int minute = 0;
  int second = 0;
  int microsecond = 0;

  bool midnight() const { return hour == 0 && minute == 0 && second == 0 && microsecond == 0; }
};

constexpr bool is_leap_year(int year) {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

constexpr int days_in_month(int year, int month) {
  constexpr signed char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && is_leap_year(year) ? 29 : days[month - 1];
}

/// none, no_such_date or beyond_years.
Fault check_date(const CivilTime& civil);
/// none or no_such_time.
Fault check_time(const CivilTime& civil);

/// Days since 1970-01-01.
std::int64_t days_of(const CivilTime& civil);
/// Sets the date. The caller sees to it that the year is within an int.
void set_days(CivilTime& civil, std::int64_t days);
/// Adds minutes, carrying into the date. beyond_years when it leaves the years 0001 to 9999.
Fault shift_minutes(CivilTime& civil, std::int64_t minutes);

/// The canonical texts of freight/record.hpp. A fraction has six digits, or is left out when zero.
std::string_view write_date(const CivilTime& civil, ArenaWriter& writer);
std::string_view write_time(const CivilTime& civil, ArenaWriter& writer);
/// `civil` is in UTC.
std::string_view write_datetime(const CivilTime& civil, ArenaWriter& writer);

/// `YYYY-MM-DD`.
Fault convert_date(std::string_view text, std::string_view& canonical);
/// `HH:MM[:SS[.f]]`.
Fault convert_time(std::string_view text, ArenaWriter& writer, std::string_view& canonical);
/// `YYYY-MM-DD(T| )HH:MM[:SS[.f]][Z|±HH[:MM]]`; without a zone it is `default_offset` minutes east
/// of UTC.
Fault convert_datetime(std::string_view text, int default_offset, ArenaWriter& writer,
                       std::string_view& canonical);

/// What an ISO 8601 text says, in its own zone.
struct IsoTime {
  CivilTime civil;
  /// Minutes east of UTC.
  int offset = 0;
  bool has_date = true;
};

/// Reads a date, a time or a datetime in one of the forms above.
Fault read_iso_time(std::string_view text, int default_offset, IsoTime& result);

/// Reads the digits after a decimal point, as microseconds; digits after the sixth must be 0.
/// `digits` holds at least one character, all of them digits.
Fault read_fraction(std::string_view digits, int& microsecond);

/// Minutes east of UTC: `Z`, `±HH`, `±HH:MM` and, when `compact`, `±HHMM`; all of `text`.
Fault read_zone(std::string_view text, bool compact, int& minutes);

}  // namespace freight::mapping
