#include "mapping/values/time_writer.hpp"

#include <array>
#include <cstdint>
#include <cstdlib>

#include "freight/error.hpp"
#include "mapping/values/month_names.hpp"

namespace freight::mapping {
namespace {

constexpr std::string_view date_letters = "YymdbBj";
constexpr std::string_view time_letters = "HIMSfpz";

/// `number` is not negative.
void put_number(int number, std::size_t digits, std::string& out) {
  const std::string text = std::to_string(number);
  if (text.size() < digits) out.append(digits - text.size(), '0');
  out += text;
}

int day_of_year(const CivilTime& civil) {
  CivilTime first = civil;
  first.month = 1;
  first.day = 1;
  return static_cast<int>(days_of(civil) - days_of(first)) + 1;
}

void put_zone(int minutes, std::string& out) {
  out += minutes < 0 ? '-' : '+';
  put_number(std::abs(minutes) / 60, 2, out);
  put_number(std::abs(minutes) % 60, 2, out);
}

}  // namespace

TimeWriter::TimeWriter(std::string_view format, int offset) : format_(format), offset_(offset) {
  if (format == "epoch_s") epoch_unit_ = 1'000'000;
  if (format == "epoch_ms") epoch_unit_ = 1'000;
  needs_date_ = epoch_unit_ != 0;
  for (std::size_t at = format.find('%'); at != std::string_view::npos;
       at = format.find('%', at + 2)) {
    const char letter = at + 1 < format.size() ? format[at + 1] : '\0';
    const bool dates = letter != '\0' && date_letters.find(letter) != std::string_view::npos;
    const bool times = letter != '\0' && time_letters.find(letter) != std::string_view::npos;
    if (!dates && !times && letter != '%')
      throw Error(Code::invalid_value,
                  "The format \"" + format_ + "\" has something else after % than one of " +
                      std::string(date_letters) + std::string(time_letters) + "%.");
    needs_date_ = needs_date_ || dates;
  }
}

Fault TimeWriter::write(std::string_view text, std::string& out) const {
  IsoTime read;
  const Fault fault = read_iso_time(text, offset_, read);
  if (fault != Fault::none) return fault;
  if (needs_date_ && !read.has_date) return Fault::malformed;
  if (epoch_unit_ != 0) {
    if (const Fault shifted = shift_minutes(read.civil, -read.offset); shifted != Fault::none)
      return shifted;
    put_epoch(read.civil, out);
    return Fault::none;
  }
  if (const Fault shifted = shift_minutes(read.civil, offset_ - read.offset);
      shifted != Fault::none)
    return shifted;
  for (std::size_t index = 0; index < format_.size(); ++index) {
    if (format_[index] == '%') {
      put(format_[++index], read.civil, out);
    } else {
      out += format_[index];
    }
  }
  return Fault::none;
}

void TimeWriter::put(char letter, const CivilTime& local, std::string& out) const {
  const int of_twelve = local.hour % 12;
  const std::string_view month = month_names[static_cast<std::size_t>(local.month - 1)];
  switch (letter) {
    case 'Y':
      return put_number(local.year, 4, out);
    case 'y':
      return put_number(local.year % 100, 2, out);
    case 'm':
      return put_number(local.month, 2, out);
    case 'd':
      return put_number(local.day, 2, out);
    case 'b':
    case 'B':
      out += static_cast<char>(month.front() - 'a' + 'A');
      out += month.substr(1, letter == 'b' ? 2 : std::string_view::npos);
      return;
    case 'j':
      return put_number(day_of_year(local), 3, out);
    case 'H':
      return put_number(local.hour, 2, out);
    case 'I':
      return put_number(of_twelve == 0 ? 12 : of_twelve, 2, out);
    case 'M':
      return put_number(local.minute, 2, out);
    case 'S':
      return put_number(local.second, 2, out);
    case 'f':
      return put_number(local.microsecond, 6, out);
    case 'p':
      out += local.hour < 12 ? "AM" : "PM";
      return;
    case 'z':
      return put_zone(offset_, out);
    default:  // a percent sign
      out += letter;
  }
}

void TimeWriter::put_epoch(const CivilTime& utc, std::string& out) const {
  const std::int64_t seconds =
      days_of(utc) * 86'400 + utc.hour * 3600 + utc.minute * 60 + utc.second;
  const std::int64_t microseconds = seconds * 1'000'000 + utc.microsecond;
  const std::int64_t fraction = std::abs(microseconds % epoch_unit_);
  if (microseconds < 0) out += '-';
  out += std::to_string(std::abs(microseconds / epoch_unit_));
  if (fraction == 0) return;
  const std::string digits = std::to_string(epoch_unit_ + fraction).substr(1);
  out += '.';
  out += std::string_view(digits).substr(0, digits.find_last_not_of('0') + 1);
}

}  // namespace freight::mapping
