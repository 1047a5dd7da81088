#include "core/spec/iso_time.hpp"

#include <algorithm>
#include <cstdio>

#include "core/ascii.hpp"
#include "core/spec/typed_value.hpp"

namespace freight::core::spec {
namespace {

using std::chrono::microseconds;

/// `count` digits at `position`, or -1.
int digits_at(std::string_view text, std::size_t position, std::size_t count) {
  int number = 0;
  for (std::size_t index = position; index < position + count; ++index) {
    if (index >= text.size() || !is_digit(text[index])) return -1;
    number = number * 10 + (text[index] - '0');
  }
  return number;
}

std::optional<std::chrono::sys_days> parse_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const int year = digits_at(text, 0, 4);
  const int month = digits_at(text, 5, 2);
  const int day = digits_at(text, 8, 2);
  if (year < 1 || month < 1 || day < 1) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date);
}

/// The digits after `HH:MM:SS.`, at most six.
std::optional<microseconds> parse_fraction(std::string_view digits) {
  if (digits.empty() || digits.size() > 6) return std::nullopt;
  const int number = digits_at(digits, 0, digits.size());
  if (number < 0) return std::nullopt;
  int scaled = number;
  for (std::size_t count = digits.size(); count < 6; ++count) scaled *= 10;
  return microseconds(scaled);
}

std::optional<microseconds> parse_time(std::string_view text) {
  const int hour = digits_at(text, 0, 2);
  const int minute = digits_at(text, 3, 2);
  if (text.size() < 5 || text[2] != ':' || hour < 0 || hour > 23 || minute < 0 || minute > 59) {
    return std::nullopt;
  }
  microseconds time = std::chrono::hours(hour) + std::chrono::minutes(minute);
  if (text.size() == 5) return time;
  const int second = digits_at(text, 6, 2);
  if (text[5] != ':' || second < 0 || second > 59) return std::nullopt;
  time += std::chrono::seconds(second);
  if (text.size() == 8) return time;
  const auto fraction = text[8] == '.' ? parse_fraction(text.substr(9)) : std::nullopt;
  if (!fraction) return std::nullopt;
  return time + *fraction;
}

std::string format_date(std::chrono::sys_days days) {
  const std::chrono::year_month_day date(days);
  char text[32];
  std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  return text;
}

std::string format_time(microseconds time) {
  const std::chrono::hh_mm_ss parts(time);
  char text[32];
  std::snprintf(text, sizeof text, "%02d:%02d:%02d", static_cast<int>(parts.hours().count()),
                static_cast<int>(parts.minutes().count()),
                static_cast<int>(parts.seconds().count()));
  std::string result = text;
  if (parts.subseconds().count() != 0) {
    std::snprintf(text, sizeof text, ".%06d", static_cast<int>(parts.subseconds().count()));
    result += text;
  }
  return result;
}

}  // namespace

std::optional<std::string> canonical_date(std::string_view text) {
  const auto date = parse_date(text);
  return date ? std::optional(format_date(*date)) : std::nullopt;
}

std::optional<std::string> canonical_time(std::string_view text) {
  const auto time = parse_time(text);
  return time ? std::optional(format_time(*time)) : std::nullopt;
}

std::optional<std::string> canonical_datetime(std::string_view text,
                                              std::chrono::minutes timezone) {
  const auto date = parse_date(text.substr(0, 10));
  if (!date || text.size() < 11 || (text[10] != 'T' && text[10] != ' ')) return std::nullopt;
  std::string_view rest = text.substr(11);
  const std::size_t zone_begin = std::min(rest.find_first_of("Z+-"), rest.size());
  const std::string_view zone = rest.substr(zone_begin);
  const auto time = parse_time(rest.substr(0, zone_begin));
  const auto offset = zone.empty() ? std::optional(timezone) : parse_offset(zone);
  if (!time || !offset) return std::nullopt;
  const auto utc = *date + *time - *offset;
  const auto day = std::chrono::floor<std::chrono::days>(utc);
  const auto year = std::chrono::year_month_day(day).year();
  if (year < std::chrono::year(1) || year > std::chrono::year(9999)) return std::nullopt;
  return format_date(day) + ' ' + format_time(utc - day) + "+00:00";
}

}  // namespace freight::core::spec
