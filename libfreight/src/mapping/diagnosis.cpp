// The words for what Converter::convert() refuses: off the hot path.
#include <algorithm>
#include <array>
#include <cstddef>
#include <string>

#include "core/ascii.hpp"
#include "core/utf8.hpp"
#include "core/visible.hpp"
#include "mapping/values/converter.hpp"
#include "mapping/values/json_check.hpp"
#include "mapping/values/unicode.hpp"

namespace freight::mapping {
namespace {

constexpr std::string_view integer_range =
    "an integer from -9223372036854775808 to 9223372036854775807";

std::string_view with_article(ValueType type) {
  switch (type) {
    case ValueType::string:
      return "a string";
    case ValueType::integer:
      return "an integer";
    case ValueType::number:
      return "a number";
    case ValueType::decimal:
      return "a decimal number";
    case ValueType::boolean:
      return "a boolean";
    case ValueType::date:
      return "a date";
    case ValueType::time:
      return "a time";
    case ValueType::datetime:
      return "a date and time";
    case ValueType::uuid:
      return "a UUID";
    case ValueType::binary:
      return "bytes";
    case ValueType::json:
      break;
  }
  return "JSON";
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) {
    if (!text.empty()) text += ", ";
    text += in_quotes(word);
  }
  return text;
}

bool has_digit_after(std::string_view text, std::size_t position) {
  return position + 1 < text.size() && text[position + 1] >= '0' && text[position + 1] <= '9';
}

constexpr const char* missing_value_hint =
    "If it stands for a missing value, add it to the schema's \"missingValues\".";

/// MySQL's date for none.
bool is_zero_date(std::string_view text) {
  return text.starts_with("0000-00-00") || text == "00.00.0000" || text == "00/00/0000";
}

/// Words that people and programs write where there is no value.
bool stands_for_nothing(std::string_view text) {
  constexpr std::array<std::string_view, 12> words{
      "null", "(null)", "nil", "none", "na", "n/a", "#n/a", "nan", "-", "--", "unknown", "\\n"};
  const std::string lower = to_lower(text);
  return std::find(words.begin(), words.end(), lower) != words.end();
}

std::string number_hint(std::string_view text, const ConverterOptions& options) {
  constexpr std::string_view minus = "\xE2\x88\x92";
  if (text.find(minus) != std::string_view::npos)
    return "Its minus is U+2212. Make the field a string and map it with \"transform\": "
           "[{\"replace\": [\"\xE2\x88\x92\", \"-\"]}] and the type.";
  const std::size_t comma = text.find(',');
  const std::size_t point = text.find('.');
  const bool has_both = comma != std::string_view::npos && point != std::string_view::npos;
  if (has_both && options.type != ValueType::integer && point < text.rfind(',') &&
      options.decimal_char != ",")
    return "If the comma is the decimal separator and the point parts groups of digits, set the "
           "field's \"decimalChar\": \",\" and \"groupChar\": \".\".";
  if (comma != std::string_view::npos && has_digit_after(text, comma) &&
      options.type != ValueType::integer && options.decimal_char != "," &&
      text.find(',', comma + 1) == std::string_view::npos && point == std::string_view::npos)
    return "If the comma is the decimal separator, set the field's \"decimalChar\": \",\".";
  if (options.type == ValueType::integer && point != std::string_view::npos)
    return "If the field has fractions, make its type \"decimal\".";
  constexpr std::array<std::string_view, 6> separators{
      ",", "'", "\xE2\x80\x99", "\xC2\xA0", "\xE2\x80\xAF", " "};
  for (const std::string_view separator : separators) {
    if (text.find(separator) != std::string_view::npos && options.group_char != separator &&
        (options.type == ValueType::integer || options.decimal_char != separator))
      return "If " + in_quotes(separator) +
             " parts groups of digits, set the field's \"groupChar\" to it.";
  }
  return {};
}

/// The format of a usual datetime whose offset has no colon; empty for another.
std::string format_with_offset(std::string_view text) {
  constexpr std::size_t offset_size = 5;
  constexpr std::size_t date_size = 10;
  if (text.size() < date_size + offset_size + 1) return {};
  std::string_view offset = text.substr(text.size() - offset_size);
  if (offset.front() != '+' && offset.front() != '-') return {};
  offset.remove_prefix(1);
  if (!std::all_of(offset.begin(), offset.end(), core::is_digit)) return {};
  std::string_view time = text.substr(date_size, text.size() - date_size - offset_size);
  const bool has_blank = time.ends_with(' ');
  const bool has_seconds = std::count(time.begin(), time.end(), ':') == 2;
  const bool has_fraction = time.find('.') != std::string_view::npos;
  return std::string("%Y-%m-%d") + time.front() + "%H:%M" + (has_seconds ? ":%S" : "") +
         (has_fraction ? ".%f" : "") + (has_blank ? " %z" : "%z");
}

std::string time_hint(std::string_view text, const ConverterOptions& options) {
  if (options.format) return "The field's \"format\" is " + in_quotes(*options.format) + ".";
  if (options.type == ValueType::datetime && text.size() == 10)
    return "If the values have no time, make the type \"date\" or set \"format\": \"%Y-%m-%d\".";
  if (options.type == ValueType::date && text.size() > 10 && (text[10] == 'T' || text[10] == ' '))
    return "If the values have a time of day, make the type \"datetime\".";
  const std::string with_offset =
      options.type == ValueType::datetime ? format_with_offset(text) : std::string();
  if (!with_offset.empty()) return "Set the field's \"format\": " + in_quotes(with_offset) + ".";
  const std::size_t first_dash = text.find('-');
  if (options.type != ValueType::time && (first_dash == 5 || text.starts_with('-')))
    return "Years are 0001 to 9999, of four digits.";
  return "Values of another form need the field's \"format\", such as \"" +
         std::string(example_format(options.type)) + "\".";
}

}  // namespace

std::string_view example_format(ValueType type) {
  if (type == ValueType::time) return "%I:%M %p";
  return type == ValueType::date ? "%d.%m.%Y" : "%d.%m.%Y %H:%M:%S";
}

std::string in_quotes(std::string_view text) {
  constexpr std::size_t longest = 80;
  const std::string_view shown = core::cut_utf8(text, longest);
  std::string result = "\"";
  result += core::visible(shown);
  result += shown.size() < text.size() ? "…\"" : "\"";
  return result;
}

std::string Converter::expectation() const {
  if (options_.format)
    return std::string(with_article(options_.type)) + " in the format " + *options_.format;
  switch (options_.type) {
    case ValueType::integer:
      return std::string(integer_range);
    case ValueType::number:
    case ValueType::decimal:
      if (!options_.group_char.empty())
        return "a number such as -1" + options_.group_char + "234" + options_.decimal_char + "50";
      return "a number such as -1234" + options_.decimal_char + "50";
    case ValueType::boolean: {
      const std::string usual_true = options_.true_values.empty() ? "true, t, yes, y, 1" : "";
      const std::string usual_false = options_.false_values.empty() ? "false, f, no, n, 0" : "";
      return usual_true + joined(options_.true_values) + " or " + usual_false +
             joined(options_.false_values);
    }
    case ValueType::date:
      return "a date as YYYY-MM-DD";
    case ValueType::time:
      return "a time as HH:MM[:SS[.ffffff]]";
    case ValueType::datetime:
      return "a date and time as YYYY-MM-DD HH:MM[:SS[.ffffff]] with Z, ±HH:MM or no zone";
    case ValueType::uuid:
      return "a UUID of 32 hexadecimal digits, as 01234567-89ab-cdef-0123-456789abcdef";
    case ValueType::json:
      return "a JSON value";
    case ValueType::binary:
      return "bytes as \\x and hexadecimal digits";
    case ValueType::string:
      break;
  }
  return std::string(with_article(options_.type));
}

std::string Converter::malformed_hint(std::string_view text) const {
  if (stands_for_nothing(text)) return missing_value_hint;
  if (trim(text).size() != text.size())
    return "There is white space around it. Make the field a string and map it with \"transform\": "
           "[\"trim\"] and the type.";
  switch (options_.type) {
    case ValueType::integer:
    case ValueType::number:
    case ValueType::decimal:
      return number_hint(text, options_);
    case ValueType::boolean:
      return "Other words go into the field's \"trueValues\" and \"falseValues\".";
    case ValueType::date:
    case ValueType::time:
    case ValueType::datetime:
      return time_hint(text, options_);
    default:
      return {};
  }
}

Diagnosis Converter::diagnose(std::string_view text, Fault fault) const {
  Diagnosis diagnosis;
  diagnosis.expected = expectation();
  const std::string shown = in_quotes(text);
  switch (fault) {
    case Fault::none:
    case Fault::malformed:
      diagnosis.message = shown + " is not " + std::string(with_article(options_.type)) + ".";
      diagnosis.hint = malformed_hint(text);
      if (options_.type == ValueType::json) {
        std::size_t offset = 0;
        check_json(text, offset);
        diagnosis.message = shown + " is not JSON: it breaks off or is wrong at byte " +
                            std::to_string(offset) + ".";
      }
      break;
    case Fault::grouping:
      diagnosis.message = shown + " has group separators that do not part groups of three digits.";
      diagnosis.hint = "Is the field's \"groupChar\" rather its decimal separator?";
      break;
    case Fault::beyond_integer:
      diagnosis.code = Code::out_of_range;
      diagnosis.message = shown + " is beyond a 64-bit integer.";
      diagnosis.hint = "Make the field's type \"decimal\", or \"string\" if it is an identifier.";
      break;
    case Fault::beyond_number:
      diagnosis.code = Code::out_of_range;
      diagnosis.message = shown + " is beyond a 64-bit binary floating-point number.";
      diagnosis.hint = "Make the field's type \"decimal\".";
      break;
    case Fault::sub_microsecond:
      diagnosis.code = Code::out_of_range;
      diagnosis.message = shown + " is finer than a microsecond, and Freight does not round.";
      break;
    case Fault::no_such_date:
      diagnosis.message = shown + " is not a date of the calendar.";
      if (options_.format)
        diagnosis.hint = "Are day and month the right way round in the field's \"format\"?";
      break;
    case Fault::no_such_time:
      diagnosis.message = shown + " is not a time of the day.";
      diagnosis.hint = "Times run from 00:00 to 23:59:59.999999; midnight is 00:00.";
      break;
    case Fault::no_such_zone:
      diagnosis.message = shown + " has a zone offset that does not exist.";
      diagnosis.hint = "Offsets run from -15:59 to +15:59.";
      break;
    case Fault::beyond_years:
      diagnosis.code = Code::out_of_range;
      diagnosis.message = shown + " is not within the years 0001 to 9999 (of UTC).";
      break;
    case Fault::time_in_date:
      diagnosis.message = shown + " has a time of day, which a date cannot hold.";
      diagnosis.hint = "Make the field's type \"datetime\".";
      break;
    case Fault::too_deep:
      diagnosis.message = "The JSON is nested more than 512 levels deep.";
      break;
  }
  if (is_zero_date(text)) diagnosis.hint = missing_value_hint;
  return diagnosis;
}

}  // namespace freight::mapping
