#include "mapping/values/time_format.hpp"

#include <algorithm>
#include <cstddef>

#include "core/ascii.hpp"
#include "core/spec/format_rule.hpp"
#include "freight/error.hpp"
#include "mapping/values/month_names.hpp"

namespace freight::mapping {
namespace {

using core::is_digit;

bool starts_with_folded(std::string_view text, std::string_view lower_case) {
  if (text.size() < lower_case.size()) return false;
  for (std::size_t index = 0; index < lower_case.size(); ++index) {
    if ((text[index] | 0x20) != lower_case[index]) return false;
  }
  return true;
}

/// Takes `minimum` to `maximum` digits from the front of `text`.
bool take_number(std::string_view& text, std::size_t minimum, std::size_t maximum, int& number) {
  std::size_t count = 0;
  number = 0;
  while (count < maximum && count < text.size() && is_digit(text[count]))
    number = number * 10 + (text[count++] - '0');
  text.remove_prefix(count);
  return count >= minimum;
}

bool take_month_name(std::string_view& text, int& month) {
  for (std::size_t index = 0; index < month_names.size(); ++index) {
    const std::string_view name = month_names[index];
    for (const std::size_t length : {name.size(), std::size_t{3}}) {
      if (!starts_with_folded(text, name.substr(0, length))) continue;
      month = static_cast<int>(index) + 1;
      text.remove_prefix(length);
      return true;
    }
  }
  return false;
}

std::string_view zone_prefix(std::string_view text) {
  if (text.starts_with('Z')) return text.substr(0, 1);
  std::size_t length = text.empty() ? 0 : 1;
  while (length < text.size() && length < 6 && (is_digit(text[length]) || text[length] == ':'))
    ++length;
  return text.substr(0, length);
}

}  // namespace

/// What a text said, before it is put together.
struct TimeFormat::Reading {
  CivilTime civil;
  int offset = 0;
  int day_of_year = 0;
  bool twelve_hours = false;
  bool afternoon = false;

  /// Takes the text of one letter from the front of `text`.
  Fault take(char letter, std::string_view& text);
  Fault finish();
};

Fault TimeFormat::Reading::take(char letter, std::string_view& text) {
  const auto checked = [](bool fits) { return fits ? Fault::none : Fault::malformed; };
  switch (letter) {
    case 'Y':
      return checked(take_number(text, 4, 4, civil.year));
    case 'y':
      if (!take_number(text, 2, 2, civil.year)) return Fault::malformed;
      civil.year += civil.year < 69 ? 2000 : 1900;
      return Fault::none;
    case 'm':
      return checked(take_number(text, 1, 2, civil.month));
    case 'd':
      return checked(take_number(text, 1, 2, civil.day));
    case 'b':
    case 'B':
      return checked(take_month_name(text, civil.month));
    case 'j':
      if (!take_number(text, 1, 3, day_of_year)) return Fault::malformed;
      return day_of_year == 0 ? Fault::no_such_date : Fault::none;
    case 'I':
      twelve_hours = true;
      if (!take_number(text, 1, 2, civil.hour)) return Fault::malformed;
      return civil.hour < 1 || civil.hour > 12 ? Fault::no_such_time : Fault::none;
    case 'H':
      return checked(take_number(text, 1, 2, civil.hour));
    case 'M':
      return checked(take_number(text, 1, 2, civil.minute));
    case 'S':
      return checked(take_number(text, 1, 2, civil.second));
    case 'f': {
      const auto digits = static_cast<std::size_t>(
          std::find_if_not(text.begin(), text.end(), is_digit) - text.begin());
      if (digits == 0) return Fault::malformed;
      const Fault fault = read_fraction(text.substr(0, digits), civil.microsecond);
      text.remove_prefix(digits);
      return fault;
    }
    case 'p':
      afternoon = starts_with_folded(text, "pm");
      if (!afternoon && !starts_with_folded(text, "am")) return Fault::malformed;
      text.remove_prefix(2);
      return Fault::none;
    default: {  // z
      const std::string_view zone = zone_prefix(text);
      text.remove_prefix(zone.size());
      return read_zone(zone, true, offset);
    }
  }
}

Fault TimeFormat::Reading::finish() {
  if (twelve_hours) civil.hour = civil.hour % 12 + (afternoon ? 12 : 0);
  if (day_of_year != 0) {
    if (day_of_year > (is_leap_year(civil.year) ? 366 : 365)) return Fault::no_such_date;
    civil.month = 1;
    civil.day = 1;
    set_days(civil, days_of(civil) + day_of_year - 1);
  }
  const Fault date = check_date(civil);
  return date == Fault::none ? check_time(civil) : date;
}

TimeFormat::TimeFormat(std::string_view format, ValueType type) : text_(format), type_(type) {
  const std::string problem = core::spec::format_problem(format, type);
  if (!problem.empty()) throw Error(Code::invalid_value, "The format \"" + text_ + "\" " + problem);
  if (format == "epoch_s") epoch_unit_ = 1'000'000;
  if (format == "epoch_ms") epoch_unit_ = 1'000;
  if (epoch_unit_ == 0) compile();
}

void TimeFormat::compile() {
  const auto literal = [this](char character) {
    if (steps_.empty() || steps_.back().letter != 0) steps_.emplace_back();
    steps_.back().literal += character;
  };
  for (std::size_t index = 0; index < text_.size(); ++index) {
    if (text_[index] != '%') {
      literal(text_[index]);
    } else if (const char letter = text_[++index]; letter == '%') {
      literal(letter);
    } else {
      steps_.push_back({letter, {}});
    }
  }
}

Fault TimeFormat::convert(std::string_view text, int default_offset, ArenaWriter& writer,
                          std::string_view& canonical) const {
  Reading reading;
  reading.offset = default_offset;
  Fault fault = Fault::none;
  if (epoch_unit_ != 0) {
    reading.offset = 0;
    fault = read_epoch(text, reading.civil);
  } else {
    fault = read(text, reading);
  }
  return fault == Fault::none ? write(reading.civil, reading.offset, writer, canonical) : fault;
}

Fault TimeFormat::read(std::string_view text, Reading& reading) const {
  // A form that does not fit is said before a number that is out of its range.
  Fault first = Fault::none;
  for (const Step& step : steps_) {
    if (step.letter == 0) {
      if (!text.starts_with(step.literal)) return Fault::malformed;
      text.remove_prefix(step.literal.size());
      continue;
    }
    const Fault fault = reading.take(step.letter, text);
    if (fault == Fault::malformed) return fault;
    if (first == Fault::none) first = fault;
  }
  if (!text.empty()) return Fault::malformed;
  return first == Fault::none ? reading.finish() : first;
}

Fault TimeFormat::read_epoch(std::string_view text, CivilTime& civil) const {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  const std::size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  const std::string_view fraction =
      point == std::string_view::npos ? std::string_view{} : text.substr(point + 1);
  if (whole.empty() || (point != std::string_view::npos && fraction.empty()) ||
      !std::all_of(whole.begin(), whole.end(), is_digit) ||
      !std::all_of(fraction.begin(), fraction.end(), is_digit)) {
    return Fault::malformed;
  }
  // 10^15 ms is beyond the year 9999, and 10^15 s times a million is within 128 bits.
  std::int64_t units = 0;
  for (const char digit : whole) {
    units = units * 10 + (digit - '0');
    if (units > 1'000'000'000'000'000) return Fault::beyond_years;
  }
  std::int64_t microseconds = 0;
  std::int64_t unit = epoch_unit_;
  for (const char digit : fraction) {
    unit /= 10;
    if (unit == 0 && digit != '0') return Fault::sub_microsecond;
    microseconds += (digit - '0') * unit;
  }
  constexpr std::int64_t day = 86'400;
  const std::int64_t units_a_second = 1'000'000 / epoch_unit_;
  std::int64_t seconds = units / units_a_second;
  microseconds += units % units_a_second * epoch_unit_;
  if (negative) {
    seconds = -seconds - (microseconds == 0 ? 0 : 1);
    microseconds = microseconds == 0 ? 0 : 1'000'000 - microseconds;
  }
  std::int64_t days = seconds / day - (seconds % day < 0 ? 1 : 0);
  if (days < -719'162 || days > 2'932'896) return Fault::beyond_years;
  const auto of_day = static_cast<int>(seconds - days * day);
  set_days(civil, days);
  civil.hour = of_day / 3600;
  civil.minute = of_day / 60 % 60;
  civil.second = of_day % 60;
  civil.microsecond = static_cast<int>(microseconds);
  return Fault::none;
}

Fault TimeFormat::write(CivilTime& civil, int offset, ArenaWriter& writer,
                        std::string_view& canonical) const {
  if (type_ == ValueType::time) {
    canonical = write_time(civil, writer);
    return Fault::none;
  }
  if (type_ == ValueType::date) {
    if (!civil.midnight()) return Fault::time_in_date;
    canonical = write_date(civil, writer);
    return Fault::none;
  }
  const Fault fault = shift_minutes(civil, -offset);
  if (fault == Fault::none) canonical = write_datetime(civil, writer);
  return fault;
}

}  // namespace freight::mapping
