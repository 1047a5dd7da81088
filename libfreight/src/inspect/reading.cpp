#include "inspect/reading.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "core/ascii.hpp"

namespace freight::inspect {
namespace {

using core::is_digit;

constexpr std::string_view no_break_space = "\xC2\xA0";
constexpr std::string_view narrow_space = "\xE2\x80\xAF";
/// What 64 bits hold for sure.
constexpr std::size_t most_digits = 18;

mapping::ConverterOptions options_of(const ColumnReading& reading) {
  return {.type = reading.type,
          .format = reading.format,
          .decimal_char = reading.decimal_char,
          .group_char = reading.group_char};
}

std::size_t digits_in(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), is_digit));
}

/// A code rather than a number: a sign that numbers do without, zeros in front, more digits than
/// anything is counted with. `point` is empty for whole numbers.
bool is_code(std::string_view text, std::string_view point) {
  if (text.starts_with('+')) return true;
  if (text.starts_with('-')) text.remove_prefix(1);
  const bool is_fraction = !point.empty() && (text.find(point) != std::string_view::npos ||
                                              text.find_first_of("eE") != std::string_view::npos);
  if (text.size() > 1 && text[0] == '0') {
    const bool is_zero = !point.empty() && text.substr(1).starts_with(point);
    if (!is_zero && text[1] != 'e' && text[1] != 'E') return true;
  }
  return !is_fraction && digits_in(text) > most_digits;
}

/// `1e-05` and `1.5E6` are numbers, `12E4` may be a code.
bool is_clear_exponent(std::string_view text) {
  const std::size_t exponent = text.find_first_of("eE");
  if (exponent == std::string_view::npos) return true;
  const bool has_sign = exponent + 1 < text.size() && !is_digit(text[exponent + 1]);
  return has_sign || text.substr(0, exponent).find('.') != std::string_view::npos;
}

void add_numbers(std::vector<Reading>& readings) {
  const auto add = [&readings](ValueType type, std::string_view point, std::string_view group) {
    ColumnReading reading{.type = type};
    reading.decimal_char = point;
    reading.group_char = group;
    readings.emplace_back(std::move(reading));
  };
  add(ValueType::integer, ".", "");
  add(ValueType::decimal, ".", "");
  add(ValueType::decimal, ",", "");
  add(ValueType::number, ".", "");
  constexpr std::array<std::string_view, 6> groups{",",         ".", "'", " ", no_break_space,
                                                   narrow_space};
  for (const std::string_view group : groups) add(ValueType::integer, ".", group);
  for (const std::string_view group : groups) {
    for (const std::string_view point : {".", ","}) {
      if (point != group) add(ValueType::decimal, point, group);
    }
  }
}

std::vector<std::string> date_formats() {
  std::vector<std::string> formats;
  for (const std::string separator : {".", "/", "-", " "}) {
    for (const auto& [first, second, third] :
         {std::array{"%d", "%m", "%Y"}, std::array{"%m", "%d", "%Y"}, std::array{"%Y", "%m", "%d"},
          std::array{"%d", "%m", "%y"}, std::array{"%m", "%d", "%y"},
          std::array{"%y", "%m", "%d"}}) {
      std::string& format = formats.emplace_back(first);
      for (const char* const part : {second, third}) format.append(separator).append(part);
    }
  }
  for (const char* const named :
       {"%d %b %Y", "%d. %b %Y", "%d-%b-%Y", "%d-%b-%y", "%d/%b/%Y", "%b %d, %Y", "%b %d %Y"}) {
    formats.emplace_back(named);
  }
  return formats;
}

void add_times(std::vector<Reading>& readings) {
  const auto add = [&readings](ValueType type, std::optional<std::string> format) {
    ColumnReading reading{.type = type};
    reading.format = std::move(format);
    readings.emplace_back(std::move(reading));
  };
  add(ValueType::date, std::nullopt);
  add(ValueType::datetime, std::nullopt);
  add(ValueType::time, std::nullopt);
  const auto dates = date_formats();
  for (const std::string& date : dates) add(ValueType::date, date);
  for (const std::string& date : dates) {
    for (const char* const time :
         {" %H:%M", " %H:%M:%S", " %H:%M:%S.%f", "T%H:%M", "T%H:%M:%S", ", %H:%M", ", %H:%M:%S",
          " %I:%M %p", " %I:%M:%S %p", " %H:%M:%S %z", ":%H:%M:%S %z"}) {
      add(ValueType::datetime, date + time);
    }
  }
}

std::vector<Reading> make_readings() {
  std::vector<Reading> readings;
  add_numbers(readings);
  add_times(readings);
  readings.emplace_back(ColumnReading{.type = ValueType::boolean});
  readings.emplace_back(ColumnReading{.type = ValueType::uuid});
  return readings;
}

std::string separator_words(std::string_view separator) {
  if (separator == no_break_space || separator == narrow_space) return "a no-break space";
  return "'" + std::string(separator) + "'";
}

}  // namespace

Reading::Reading(ColumnReading description)
    : description_(std::move(description)), converter_(options_of(description_)) {}

bool Reading::is_number() const {
  return description_.type == ValueType::integer || description_.type == ValueType::decimal ||
         description_.type == ValueType::number;
}

bool Reading::has_no_separators() const {
  return description_.decimal_char == "." && description_.group_char.empty();
}

bool Reading::has_date() const {
  return description_.type == ValueType::date || description_.type == ValueType::datetime;
}

bool Reading::has_short_year() const {
  return description_.format && description_.format->find("%y") != std::string::npos;
}

std::string Reading::words() const {
  std::string text(to_string(description_.type));
  if (description_.format) return text + " as " + *description_.format;
  if (has_date()) return text + " (ISO 8601)";
  if (is_number() && description_.decimal_char != ".") {
    text += " with " + separator_words(description_.decimal_char) + " for the point";
  }
  if (!description_.group_char.empty()) {
    text += " in groups parted by " + separator_words(description_.group_char);
  }
  return text;
}

bool Reading::takes(std::string_view text, mapping::ArenaWriter& writer,
                    std::string_view& canonical) const {
  if (!is_likely(text)) return false;
  mapping::Converted converted;
  if (converter_.convert(text, FieldKind::unquoted, writer, converted) != mapping::Fault::none) {
    return false;
  }
  canonical = converted.text;
  return true;
}

bool Reading::is_likely(std::string_view text) const {
  constexpr std::size_t longest = 64;
  if (text.empty() || text.size() > longest) return false;
  switch (description_.type) {
    case ValueType::integer:
      return !is_code(text, "");
    case ValueType::decimal:
      return !is_code(text, description_.decimal_char) &&
             text.find_first_of("eE") == std::string_view::npos;
    case ValueType::number:
      return !is_code(text, description_.decimal_char) && is_clear_exponent(text);
    case ValueType::boolean:
      return !is_digit(text[0]);
    case ValueType::uuid:
      // Without dashes it may be any digest.
      return text.size() == 36;
    case ValueType::time:
      // Minutes and seconds look like hours and minutes.
      return std::count(text.begin(), text.end(), ':') == 2;
    default:
      break;
  }
  // Versions have points between few digits, too.
  if (has_short_year() && text.find('.') == 1) return false;
  return digits_in(text) >= 4;
}

const std::vector<Reading>& all_readings() {
  static const std::vector<Reading> readings = make_readings();
  return readings;
}

bool is_missing_word(std::string_view text) {
  constexpr std::array<std::string_view, 24> words{
      "NA",   "N/A", "n/a",  "na",   "#N/A", "<NA>", "NULL",       "null",
      "Null", "\\N", "None", "NaN",  "nan",  "nil",  "(null)",     "-",
      "--",   ".",   "?",    "N.A.", "n.a.", "k.A.", "0000-00-00", "0000-00-00 00:00:00"};
  return std::find(words.begin(), words.end(), text) != words.end();
}

}  // namespace freight::inspect
