#include "core/spec/typed_value.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <limits>

#include "core/ascii.hpp"
#include "core/hex.hpp"
#include "core/spec/iso_time.hpp"
#include "freight/ids.hpp"

namespace freight::core::spec {
namespace {

/// Takes the digits from the front.
std::string_view take_digits(std::string_view& text) {
  const auto end = std::find_if_not(text.begin(), text.end(), is_digit);
  const std::string_view digits = text.substr(0, static_cast<std::size_t>(end - text.begin()));
  text.remove_prefix(digits.size());
  return digits;
}

/// A decimal as ±digits * 10^exponent, zeros on both sides taken away; no digits for zero.
struct Decimal {
  bool negative = false;
  std::string digits;
  std::int64_t exponent = 0;

  /// The power of ten of the first digit.
  std::int64_t magnitude() const { return exponent + static_cast<std::int64_t>(digits.size()); }
};

std::optional<std::int64_t> take_exponent(std::string_view text) {
  if (text.empty()) return 0;
  if (text.front() != 'e' && text.front() != 'E') return std::nullopt;
  text.remove_prefix(1);
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  const std::string_view digits = take_digits(text);
  if (digits.empty() || !text.empty()) return std::nullopt;
  // Far enough for any order, and far from an overflow.
  constexpr std::int64_t farthest = std::int64_t{1} << 40;
  std::int64_t exponent = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), exponent);
  if (error != std::errc{} || exponent > farthest) exponent = farthest;
  return negative ? -exponent : exponent;
}

std::optional<Decimal> parse_decimal(std::string_view text) {
  Decimal decimal;
  decimal.negative = text.starts_with('-');
  if (decimal.negative || text.starts_with('+')) text.remove_prefix(1);
  const std::string_view whole = take_digits(text);
  std::string_view fraction;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    fraction = take_digits(text);
    if (fraction.empty()) return std::nullopt;
  }
  const auto exponent = take_exponent(text);
  if (whole.empty() || !exponent) return std::nullopt;
  decimal.digits.append(whole).append(fraction);
  decimal.exponent = *exponent - static_cast<std::int64_t>(fraction.size());
  while (decimal.digits.ends_with('0')) {
    decimal.digits.pop_back();
    ++decimal.exponent;
  }
  decimal.digits.erase(0, decimal.digits.find_first_not_of('0'));
  if (decimal.digits.empty()) decimal = Decimal{};
  return decimal;
}

int compare_decimals(const Decimal& left, const Decimal& right) {
  const auto sign = [](const Decimal& decimal) {
    if (decimal.digits.empty()) return 0;
    return decimal.negative ? -1 : 1;
  };
  if (sign(left) != sign(right)) return sign(left) < sign(right) ? -1 : 1;
  int compared = 0;
  if (left.magnitude() != right.magnitude()) {
    compared = left.magnitude() < right.magnitude() ? -1 : 1;
  } else {
    // Digits of equal weight stand below each other; one that is missing is a 0.
    compared = left.digits.compare(right.digits);
  }
  return left.negative ? -compared : compared;
}

std::optional<std::string> canonical_integer(std::string_view text) {
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return std::to_string(number);
}

std::optional<std::string> canonical_decimal(std::string_view text) {
  if (!parse_decimal(text)) return std::nullopt;
  return std::string(text.starts_with('+') ? text.substr(1) : text);
}

std::optional<std::string> canonical_number(std::string_view text) {
  auto canonical = canonical_decimal(text);
  if (!canonical) return std::nullopt;
  const std::string_view digits = *canonical;
  double number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc{}) return std::nullopt;
  return canonical;
}

/// `\x` and hexadecimal digits, in lower case.
std::optional<std::string> canonical_binary(std::string_view text) {
  std::string bytes(text.size() / 2, '\0');
  if (!text.starts_with(binary_prefix) ||
      !read_hex(text.substr(binary_prefix.size()), bytes.data())) {
    return std::nullopt;
  }
  return ascii_lower(text);
}

std::optional<std::string> canonical_uuid(std::string_view text) {
  const auto uuid = Uuid::parse(text);
  if (!uuid) return std::nullopt;
  return uuid->to_string();
}

}  // namespace

std::optional<std::string> canonical_value(const JsonValue& value, std::string_view text,
                                           ValueType type, std::chrono::minutes timezone) {
  const bool is_string = value.string() != nullptr;
  const bool is_number = value.number() != nullptr;
  const std::string_view digits = is_number ? std::string_view(*value.number()) : text;
  switch (type) {
    case ValueType::integer:
      return is_string || is_number ? canonical_integer(digits) : std::nullopt;
    case ValueType::decimal:
      return is_string || is_number ? canonical_decimal(digits) : std::nullopt;
    case ValueType::number:
      return is_string || is_number ? canonical_number(digits) : std::nullopt;
    case ValueType::boolean:
      if (value.boolean() == nullptr) return std::nullopt;
      return *value.boolean() ? "true" : "false";
    case ValueType::json:
      return std::nullopt;
    case ValueType::binary:
      return is_string ? canonical_binary(text) : std::nullopt;
    case ValueType::string:
      return is_string ? std::optional<std::string>(text) : std::nullopt;
    case ValueType::date:
      return is_string ? canonical_date(text) : std::nullopt;
    case ValueType::time:
      return is_string ? canonical_time(text) : std::nullopt;
    case ValueType::datetime:
      return is_string ? canonical_datetime(text, timezone) : std::nullopt;
    case ValueType::uuid:
      return is_string ? canonical_uuid(text) : std::nullopt;
  }
  return std::nullopt;
}

int compare_canonical(ValueType type, std::string_view left, std::string_view right) {
  const bool numeric =
      type == ValueType::integer || type == ValueType::number || type == ValueType::decimal;
  // Canonical dates and times are of a fixed form, which sorts as text.
  if (!numeric) return left.compare(right);
  return compare_decimals(parse_decimal(left).value_or(Decimal{}),
                          parse_decimal(right).value_or(Decimal{}));
}

std::optional<std::chrono::minutes> parse_offset(std::string_view text) {
  if (text == "Z" || text == "UTC") return std::chrono::minutes{0};
  if (text.empty() || (text.front() != '+' && text.front() != '-')) return std::nullopt;
  const bool west = text.front() == '-';
  std::string digits(text.substr(1));
  if (digits.size() == 5 && digits[2] == ':') digits.erase(2, 1);
  if (digits.size() != 2 && digits.size() != 4) return std::nullopt;
  if (!std::all_of(digits.begin(), digits.end(), is_digit)) return std::nullopt;
  const int hours = (digits[0] - '0') * 10 + (digits[1] - '0');
  const int minutes = digits.size() == 4 ? (digits[2] - '0') * 10 + (digits[3] - '0') : 0;
  const std::chrono::minutes offset = std::chrono::hours(hours) + std::chrono::minutes(minutes);
  if (minutes > 59 || offset > std::chrono::hours(18)) return std::nullopt;
  return west ? -offset : offset;
}

std::string format_offset(std::chrono::minutes offset) {
  const long total = static_cast<long>(std::abs(offset.count()));
  char text[48];
  std::snprintf(text, sizeof text, "%c%02ld:%02ld", offset.count() < 0 ? '-' : '+', total / 60,
                total % 60);
  return text;
}

}  // namespace freight::core::spec
