#include "mapping/values/loss_check.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <limits>
#include <optional>
#include <system_error>

#include "core/ascii.hpp"
#include "mapping/values/numbers.hpp"
#include "mapping/values/server_grammar.hpp"

namespace freight::mapping {
namespace {

/// Of a second, where a column does not say.
constexpr std::uint32_t most_fraction_digits = 6;

/// The shortest text of the binary float that is nearest to `text`; empty when there is none.
template <typename Float>
std::string nearest(std::string_view text) {
  Float number = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  if (read.ec != std::errc() || read.ptr != end) return {};
  std::array<char, 48> shortest{};
  // Not the fixed form, which writes out all digits of a large integer.
  const auto written = std::to_chars(shortest.data(), shortest.data() + shortest.size(), number,
                                     std::chars_format::scientific);
  return {shortest.data(), written.ptr};
}

template <typename Float>
bool is_float(std::string_view canonical) {
  const DecimalParts parts = decimal_parts(canonical);
  if (parts.zero) return true;
  // So many digits of an ordinary number are always kept.
  constexpr std::size_t kept_digits = std::numeric_limits<Float>::digits10;
  constexpr std::int64_t ordinary = std::numeric_limits<Float>::max_exponent10 - 1;
  if (parts.head.size() + parts.tail.size() <= kept_digits && parts.magnitude <= ordinary &&
      parts.magnitude >= -ordinary) {
    return true;
  }
  const std::string again = nearest<Float>(canonical);
  return !again.empty() && compare_decimals(parts, decimal_parts(again)) == 0;
}

/// Neither infinite nor, unless zero, zero.
bool is_in_range(std::string_view canonical, bool is_single) {
  constexpr std::int64_t ordinary = std::numeric_limits<float>::max_exponent10 - 1;
  const DecimalParts parts = decimal_parts(canonical);
  if (parts.zero || (parts.magnitude <= ordinary && parts.magnitude >= -ordinary)) return true;
  return !(is_single ? nearest<float>(canonical) : nearest<double>(canonical)).empty();
}

bool is_integer(std::string_view canonical) {
  if (canonical.starts_with('-')) canonical.remove_prefix(1);
  return std::all_of(canonical.begin(), canonical.end(), core::is_digit);
}

/// The parts of a date, time or both, as far as they can be told apart; offsets into the text.
struct TimeParts {
  /// The first character of the time of day; nullopt when there is none.
  std::optional<std::size_t> time;
  /// One past its last, fractions included.
  std::size_t end = 0;
};

TimeParts time_parts(std::string_view text) {
  TimeParts parts;
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return parts;
  std::size_t begin = colon;
  while (begin > 0 && colon - begin < 2 && core::is_digit(text[begin - 1])) --begin;
  if (begin == colon) return parts;
  parts.time = begin;
  parts.end = colon;
  while (parts.end < text.size() &&
         (core::is_digit(text[parts.end]) || text[parts.end] == ':' || text[parts.end] == '.')) {
    ++parts.end;
  }
  return parts;
}

bool has_other_than_zero(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char letter) { return letter >= '1' && letter <= '9'; });
}

std::size_t fraction_size(std::string_view time) {
  const std::size_t point = time.find('.');
  if (point == std::string_view::npos) return 0;
  const std::string_view fraction = time.substr(point + 1);
  return fraction.find_last_not_of('0') + 1;
}

}  // namespace

LossCheck::LossCheck(const DestinationColumn& column)
    : kind_(kind_of(column)),
      fraction_digits_(column.fraction_digits.value_or(most_fraction_digits)),
      drops_offset_(column.drops_offset) {}

LossCheck::Kind LossCheck::kind_of(const DestinationColumn& column) {
  if (column.float_bits) return *column.float_bits == 32 ? Kind::binary32 : Kind::binary64;
  if (column.lossy_decimal) return Kind::numeric_affinity;
  if (column.type == ValueType::date) return Kind::date;
  if (column.type == ValueType::time) return Kind::time;
  if (column.type == ValueType::datetime) return Kind::datetime;
  return Kind::keeps;
}

bool LossCheck::keeps(const Value& value) const {
  switch (kind_) {
    case Kind::keeps:
      return true;
    case Kind::date:
    case Kind::time:
    case Kind::datetime:
      return lost_of_time(value.text()).empty();
    case Kind::binary32:
    case Kind::binary64:
    case Kind::numeric_affinity:
      break;
  }
  return keeps_number(value);
}

bool LossCheck::keeps_number(const Value& value) const {
  // A number is what a binary float is; a boolean becomes 0 or 1.
  if (value.type == ValueType::number || value.type == ValueType::boolean) return true;
  std::string_view canonical;
  if (convert_decimal(server_trim(value.text()), canonical) != Fault::none) return true;
  const bool is_whole = is_integer(canonical);
  if (kind_ != Kind::numeric_affinity) {
    // Of a text that no type was given to, a float keeps what floats keep.
    if (value.type == ValueType::string && !is_whole)
      return is_in_range(canonical, kind_ == Kind::binary32);
    return kind_ == Kind::binary32 ? is_float<float>(canonical) : is_float<double>(canonical);
  }
  std::int64_t integer = 0;
  const char* const end = canonical.data() + canonical.size();
  const auto read = std::from_chars(canonical.data(), end, integer);
  return (is_whole && read.ec == std::errc()) || is_float<double>(canonical);
}

std::string_view LossCheck::lost_of_time(std::string_view text) const {
  const TimeParts parts = time_parts(text);
  if (!parts.time) return {};
  const std::string_view time = text.substr(*parts.time, parts.end - *parts.time);
  std::string_view rest = text.substr(parts.end);
  rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
  // "12:00 AM" and the like only the destination reads.
  if (!rest.empty() &&
      (rest.front() == 'A' || rest.front() == 'a' || rest.front() == 'P' || rest.front() == 'p')) {
    return {};
  }
  if (kind_ == Kind::date) return has_other_than_zero(time) ? "the time of day" : "";
  if (fraction_size(time) > fraction_digits_) return "some of the fraction of a second";
  if (kind_ == Kind::time && has_other_than_zero(text.substr(0, *parts.time))) return "the date";
  const bool has_offset = !rest.empty() && (rest.front() == '+' || rest.front() == '-');
  return drops_offset_ && has_offset && has_other_than_zero(rest) ? "the offset from UTC" : "";
}

Diagnosis LossCheck::diagnose(const Value& value, const std::string& column) const {
  Diagnosis diagnosis{.code = Code::out_of_range};
  const std::string allow = "set \"lossy\": \"allow\" in the destination.";
  switch (kind_) {
    case Kind::date:
    case Kind::time:
    case Kind::datetime: {
      const std::string lost(lost_of_time(value.text()));
      diagnosis.expected = "a value of which the column keeps everything";
      diagnosis.message = column + " would lose " + lost + " of " + in_quotes(value.text()) + ".";
      diagnosis.hint = drops_offset_ && lost == "the offset from UTC"
                           ? "Give the field the type \"datetime\", which makes it UTC, or " + allow
                           : "Give the column a type that keeps it, or " + allow;
      return diagnosis;
    }
    default:
      break;
  }
  const std::string_view text = server_trim(value.text());
  const std::string kept = kind_ == Kind::binary32 ? nearest<float>(text) : nearest<double>(text);
  diagnosis.expected = "a number that the column keeps exactly";
  diagnosis.message = column + " would keep " + in_quotes(text) +
                      (kept.empty() ? " as another number." : " as " + kept + ".");
  diagnosis.hint =
      kind_ == Kind::numeric_affinity
          ? "Declare the column TEXT, or " + allow
          : "Give the column an exact type, make the field's type \"number\" if binary "
            "floating-point numbers will do, or " +
                allow;
  return diagnosis;
}

}  // namespace freight::mapping
