#include "mapping/values/date_time.hpp"

#include <algorithm>
#include <cstddef>

namespace freight::mapping {
namespace {

constexpr std::int64_t minutes_a_day = 24 * 60;
/// `YYYY-MM-DD HH:MM:SS.ffffff+00:00`.
constexpr std::size_t longest_canonical = 32;
constexpr std::string_view utc = "+00:00";

unsigned digit_at(const char* text) { return static_cast<unsigned char>(*text - '0'); }

/// Reads exactly two digits.
bool read_two(const char* text, int& number) {
  const unsigned tens = digit_at(text);
  const unsigned ones = digit_at(text + 1);
  number = static_cast<int>(tens * 10 + ones);
  return tens < 10 && ones < 10;
}

char* put_two(char* out, int number) {
  out[0] = static_cast<char>('0' + number / 10);
  out[1] = static_cast<char>('0' + number % 10);
  return out + 2;
}

char* put_date(char* out, const CivilTime& civil) {
  out = put_two(out, civil.year / 100);
  out = put_two(out, civil.year % 100);
  *out++ = '-';
  out = put_two(out, civil.month);
  *out++ = '-';
  return put_two(out, civil.day);
}

char* put_time(char* out, const CivilTime& civil) {
  out = put_two(out, civil.hour);
  *out++ = ':';
  out = put_two(out, civil.minute);
  *out++ = ':';
  out = put_two(out, civil.second);
  if (civil.microsecond == 0) return out;
  *out++ = '.';
  out = put_two(out, civil.microsecond / 10'000);
  out = put_two(out, civil.microsecond / 100 % 100);
  return put_two(out, civil.microsecond % 100);
}

/// `YYYY-MM-DD` at the beginning of ten bytes.
Fault read_date(const char* text, CivilTime& civil) {
  int century = 0;
  const bool digits = read_two(text, century) && read_two(text + 2, civil.year) &&
                      read_two(text + 5, civil.month) && read_two(text + 8, civil.day);
  if (!digits || text[4] != '-' || text[7] != '-') return Fault::malformed;
  civil.year += century * 100;
  return check_date(civil);
}

/// `HH:MM[:SS[.f]]` at the beginning of `text`, which it is taken from.
Fault read_time(std::string_view& text, CivilTime& civil) {
  if (text.size() < 5 || text[2] != ':') return Fault::malformed;
  if (!(read_two(text.data(), civil.hour) && read_two(text.data() + 3, civil.minute)))
    return Fault::malformed;
  std::size_t length = 5;
  Fault fault = Fault::none;
  if (text.size() > 5 && text[5] == ':') {
    if (text.size() < 8 || !read_two(text.data() + 6, civil.second)) return Fault::malformed;
    length = 8;
    if (text.size() > 8 && text[8] == '.') {
      const std::size_t begin = ++length;
      while (length < text.size() && digit_at(text.data() + length) < 10) ++length;
      if (length == begin) return Fault::malformed;
      fault = read_fraction(text.substr(begin, length - begin), civil.microsecond);
    }
  }
  text.remove_prefix(length);
  const Fault time = check_time(civil);
  return time == Fault::none ? fault : time;
}

}  // namespace

Fault check_date(const CivilTime& civil) {
  if (civil.month < 1 || civil.month > 12 || civil.day < 1) return Fault::no_such_date;
  // No month is shorter than 28 days: most dates need no look at the year.
  if (civil.day > 28 && civil.day > days_in_month(civil.year, civil.month))
    return Fault::no_such_date;
  return civil.year < 1 || civil.year > 9999 ? Fault::beyond_years : Fault::none;
}

Fault check_time(const CivilTime& civil) {
  return civil.hour > 23 || civil.minute > 59 || civil.second > 59 ? Fault::no_such_time
                                                                   : Fault::none;
}

// Both from H. Hinnant, "chrono-Compatible Low-Level Date Algorithms": eras of 400 years that begin
// in March, so that the leap day is the last of its year.
std::int64_t days_of(const CivilTime& civil) {
  const std::int64_t year = civil.month <= 2 ? civil.year - 1 : civil.year;
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t month = civil.month > 2 ? civil.month - 3 : civil.month + 9;
  const std::int64_t day_of_year = (153 * month + 2) / 5 + civil.day - 1;
  const std::int64_t day_of_era =
      year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146'097 + day_of_era - 719'468;
}

void set_days(CivilTime& civil, std::int64_t days) {
  days += 719'468;
  const std::int64_t era = (days >= 0 ? days : days - 146'096) / 146'097;
  const std::int64_t day_of_era = days - era * 146'097;
  const std::int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const std::int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t month = (5 * day_of_year + 2) / 153;
  civil.day = static_cast<int>(day_of_year - (153 * month + 2) / 5 + 1);
  civil.month = static_cast<int>(month < 10 ? month + 3 : month - 9);
  civil.year = static_cast<int>(year_of_era + era * 400 + (civil.month <= 2 ? 1 : 0));
}

Fault shift_minutes(CivilTime& civil, std::int64_t minutes) {
  if (minutes == 0) return Fault::none;
  const std::int64_t total =
      days_of(civil) * minutes_a_day + civil.hour * 60 + civil.minute + minutes;
  const std::int64_t days = (total >= 0 ? total : total - (minutes_a_day - 1)) / minutes_a_day;
  const auto of_day = static_cast<int>(total - days * minutes_a_day);
  set_days(civil, days);
  civil.hour = of_day / 60;
  civil.minute = of_day % 60;
  return civil.year < 1 || civil.year > 9999 ? Fault::beyond_years : Fault::none;
}

std::string_view write_date(const CivilTime& civil, ArenaWriter& writer) {
  char* const begin = writer.reserve(longest_canonical);
  return writer.commit(static_cast<std::size_t>(put_date(begin, civil) - begin));
}

std::string_view write_time(const CivilTime& civil, ArenaWriter& writer) {
  char* const begin = writer.reserve(longest_canonical);
  return writer.commit(static_cast<std::size_t>(put_time(begin, civil) - begin));
}

std::string_view write_datetime(const CivilTime& civil, ArenaWriter& writer) {
  char* const begin = writer.reserve(longest_canonical);
  char* out = put_date(begin, civil);
  *out++ = ' ';
  out = put_time(out, civil);
  out = std::copy(utc.begin(), utc.end(), out);
  return writer.commit(static_cast<std::size_t>(out - begin));
}

Fault convert_date(std::string_view text, std::string_view& canonical) {
  if (text.size() != 10) return Fault::malformed;
  CivilTime civil;
  const Fault fault = read_date(text.data(), civil);
  if (fault == Fault::none) canonical = text;
  return fault;
}

Fault convert_time(std::string_view text, ArenaWriter& writer, std::string_view& canonical) {
  std::string_view rest = text;
  CivilTime civil;
  const Fault fault = read_time(rest, civil);
  if (!rest.empty()) return Fault::malformed;
  if (fault != Fault::none) return fault;
  // Canonical already: no fraction, or one of six digits that is not zero.
  const bool canonical_form = text.size() == 8 || (text.size() == 15 && civil.microsecond != 0);
  canonical = canonical_form ? text : write_time(civil, writer);
  return Fault::none;
}

Fault convert_datetime(std::string_view text, int default_offset, ArenaWriter& writer,
                       std::string_view& canonical) {
  if (text.size() < 16 || (text[10] != 'T' && text[10] != ' ')) return Fault::malformed;
  IsoTime read;
  const Fault fault = read_iso_time(text, default_offset, read);
  if (fault != Fault::none) return fault;
  if (read.offset == 0) {
    const bool whole_clock =
        text.size() == 25 || (text.size() == 32 && read.civil.microsecond != 0);
    if (text[10] == ' ' && whole_clock && text.ends_with(utc)) {
      canonical = text;
      return Fault::none;
    }
  } else if (const Fault shifted = shift_minutes(read.civil, -read.offset);
             shifted != Fault::none) {
    return shifted;
  }
  canonical = write_datetime(read.civil, writer);
  return Fault::none;
}

Fault read_iso_time(std::string_view text, int default_offset, IsoTime& result) {
  result = {.offset = default_offset};
  std::string_view rest = text;
  if (text.size() > 2 && text[2] == ':') {
    result.has_date = false;
    const Fault time = read_time(rest, result.civil);
    return rest.empty() ? time : Fault::malformed;
  }
  if (text.size() == 10) return read_date(text.data(), result.civil);
  if (text.size() < 16 || (text[10] != 'T' && text[10] != ' ')) return Fault::malformed;
  const Fault date = read_date(text.data(), result.civil);
  if (date == Fault::malformed) return date;
  rest.remove_prefix(11);
  const Fault time = read_time(rest, result.civil);
  if (time == Fault::malformed) return time;
  if (!rest.empty()) {
    const Fault zone = read_zone(rest, false, result.offset);
    if (zone != Fault::none) return zone;
  }
  return date == Fault::none ? time : date;
}

Fault read_fraction(std::string_view digits, int& microsecond) {
  microsecond = 0;
  int unit = 100'000;
  for (const char digit : digits) {
    if (unit == 0 && digit != '0') return Fault::sub_microsecond;
    microsecond += (digit - '0') * unit;
    unit /= 10;
  }
  return Fault::none;
}

Fault read_zone(std::string_view text, bool compact, int& minutes) {
  if (text == "Z") {
    minutes = 0;
    return Fault::none;
  }
  if (text.size() < 3 || (text[0] != '+' && text[0] != '-')) return Fault::malformed;
  int hours = 0;
  int rest = 0;
  if (!read_two(text.data() + 1, hours)) return Fault::malformed;
  if (text.size() == 6 && text[3] == ':') {
    if (!read_two(text.data() + 4, rest)) return Fault::malformed;
  } else if (text.size() == 5 && compact) {
    if (!read_two(text.data() + 3, rest)) return Fault::malformed;
  } else if (text.size() != 3) {
    return Fault::malformed;
  }
  // The bounds of PostgreSQL, wider than any zone in use.
  if (hours > 15 || rest > 59) return Fault::no_such_zone;
  minutes = hours * 60 + rest;
  if (text[0] == '-') minutes = -minutes;
  return Fault::none;
}

}  // namespace freight::mapping
