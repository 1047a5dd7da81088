#include "mapping/values/numbers.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <system_error>

#include "core/ascii.hpp"

namespace freight::mapping {
namespace {

using core::is_digit;

const char* skip_digits(const char* position, const char* end) {
  while (position != end && is_digit(*position)) ++position;
  return position;
}

/// Exponents beyond this are all alike: no such number can be written out.
constexpr std::int64_t largest_exponent = 1'000'000'000'000;

/// Reads `[+-]?digits`, all of it digits, and saturates.
std::int64_t read_exponent(const char* position, const char* end) {
  const bool negative = *position == '-';
  if (*position == '-' || *position == '+') ++position;
  std::int64_t exponent = 0;
  for (; position != end; ++position)
    exponent = std::min(exponent * 10 + (*position - '0'), largest_exponent);
  return negative ? -exponent : exponent;
}

bool is_double(std::string_view text) {
  double value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  return result.ec == std::errc{};
}

}  // namespace

Fault convert_integer(std::string_view text, ArenaWriter& writer, std::string_view& canonical,
                      std::int64_t& number) {
  const char* position = text.data();
  const char* const end = position + text.size();
  if (position == end) return Fault::malformed;
  const bool negative = *position == '-';
  const bool sign = negative || *position == '+';
  if (sign && ++position == end) return Fault::malformed;
  const char* first = position;
  while (end - first > 1 && *first == '0') ++first;
  std::uint64_t magnitude = 0;
  // Nineteen digits fit into 64 bits without a sign; what is longer is only looked at.
  for (position = first; position != end; ++position) {
    const auto digit = static_cast<unsigned char>(*position - '0');
    if (digit > 9) return Fault::malformed;
    magnitude = magnitude * 10 + digit;
  }
  const std::uint64_t limit = std::uint64_t{9'223'372'036'854'775'807} + (negative ? 1 : 0);
  if (end - first > 19 || magnitude > limit) return Fault::beyond_integer;
  number = static_cast<std::int64_t>(negative ? 0 - magnitude : magnitude);
  if (!negative || magnitude == 0) {
    canonical = {first, static_cast<std::size_t>(end - first)};
    return Fault::none;
  }
  if (first == text.data() + 1) {
    canonical = text;
    return Fault::none;
  }
  const auto digits = static_cast<std::size_t>(end - first);
  char* const bytes = writer.reserve(digits + 1);
  bytes[0] = '-';
  std::memcpy(bytes + 1, first, digits);
  canonical = writer.commit(digits + 1);
  return Fault::none;
}

Fault convert_decimal(std::string_view text, std::string_view& canonical) {
  const char* position = text.data();
  const char* const end = position + text.size();
  if (position == end) return Fault::malformed;
  const char* const begin = *position == '+' ? position + 1 : position;
  if (*position == '+' || *position == '-') ++position;
  const char* const integers = position;
  position = skip_digits(position, end);
  auto digits = position - integers;
  if (position != end && *position == '.') {
    const char* const fraction = ++position;
    position = skip_digits(position, end);
    digits += position - fraction;
  }
  if (digits == 0) return Fault::malformed;
  if (position != end) {
    if (*position != 'e' && *position != 'E') return Fault::malformed;
    if (++position != end && (*position == '+' || *position == '-')) ++position;
    if (position == end || skip_digits(position, end) != end) return Fault::malformed;
  }
  canonical = {begin, static_cast<std::size_t>(end - begin)};
  return Fault::none;
}

Fault convert_number(std::string_view text, std::string_view& canonical) {
  const Fault fault = convert_decimal(text, canonical);
  if (fault != Fault::none) return fault;
  // Without an exponent so few digits are always within the range.
  if (canonical.size() < 300 && canonical.find_first_of("eE") == std::string_view::npos)
    return Fault::none;
  const DecimalParts parts = decimal_parts(canonical);
  if (parts.zero || (parts.magnitude > -300 && parts.magnitude < 300)) return Fault::none;
  if (parts.magnitude < -400 || parts.magnitude > 400) return Fault::beyond_number;
  return is_double(canonical) ? Fault::none : Fault::beyond_number;
}

namespace {

/// Takes a number apart at its separators; see normalise_number.
class SeparatedNumber {
 public:
  SeparatedNumber(std::string_view text, char* out) : rest_(text), begin_(out), out_(out) {}

  Fault read(std::string_view decimal_char, std::string_view group_char) {
    if (!rest_.empty() && (rest_.front() == '-' || rest_.front() == '+')) take(1);
    const Fault fault = integer_part(group_char);
    if (fault != Fault::none) return fault;
    if (!decimal_char.empty() && rest_.starts_with(decimal_char)) {
      rest_.remove_prefix(decimal_char.size());
      *out_++ = '.';
      take(digits());
    }
    if (rest_.find('.') != std::string_view::npos) return Fault::malformed;
    take(rest_.size());
    return Fault::none;
  }

  std::size_t size() const { return static_cast<std::size_t>(out_ - begin_); }

 private:
  std::size_t digits() const {
    std::size_t count = 0;
    while (count < rest_.size() && is_digit(rest_[count])) ++count;
    return count;
  }

  void take(std::size_t count) {
    if (count != 0) std::memcpy(out_, rest_.data(), count);
    out_ += count;
    rest_.remove_prefix(count);
  }

  Fault integer_part(std::string_view group_char) {
    std::size_t group = digits();
    const std::size_t first = group;
    take(group);
    std::size_t groups = 1;
    while (!group_char.empty() && rest_.starts_with(group_char)) {
      // All but the first and the last group may be of two digits.
      if (groups > 1 ? group != 2 && group != 3 : first == 0 || first > 3) return Fault::grouping;
      rest_.remove_prefix(group_char.size());
      group = digits();
      take(group);
      ++groups;
    }
    return groups > 1 && group != 3 ? Fault::grouping : Fault::none;
  }

  std::string_view rest_;
  char* begin_;
  char* out_;
};

}  // namespace

Fault normalise_number(std::string_view text, std::string_view decimal_char,
                       std::string_view group_char, ArenaWriter& writer, std::string_view& plain) {
  SeparatedNumber number(text, writer.reserve(text.size() + 1));
  const Fault fault = number.read(decimal_char, group_char);
  if (fault == Fault::none) plain = writer.commit(number.size());
  return fault;
}

DecimalParts decimal_parts(std::string_view canonical) {
  DecimalParts parts;
  parts.negative = canonical.front() == '-';
  if (parts.negative) canonical.remove_prefix(1);
  std::int64_t exponent = 0;
  const std::size_t exponent_mark = canonical.find_first_of("eE");
  if (exponent_mark != std::string_view::npos) {
    exponent =
        read_exponent(canonical.data() + exponent_mark + 1, canonical.data() + canonical.size());
    canonical = canonical.substr(0, exponent_mark);
  }
  const std::size_t point = canonical.find('.');
  std::string_view head = canonical.substr(0, point);
  std::string_view tail =
      point == std::string_view::npos ? std::string_view{} : canonical.substr(point + 1);
  head.remove_prefix(std::min(head.find_first_not_of('0'), head.size()));
  tail = tail.substr(0, tail.find_last_not_of('0') + 1);
  parts.magnitude = static_cast<std::int64_t>(head.size()) + exponent;
  parts.scale = static_cast<std::int64_t>(tail.size()) - exponent;
  if (head.empty()) {
    const std::size_t zeros = std::min(tail.find_first_not_of('0'), tail.size());
    parts.magnitude -= static_cast<std::int64_t>(zeros);
    tail.remove_prefix(zeros);
  }
  if (tail.empty()) {
    const std::size_t kept = head.find_last_not_of('0') + 1;
    parts.scale -= static_cast<std::int64_t>(head.size() - kept);
    head = head.substr(0, kept);
  }
  parts.zero = head.empty() && tail.empty();
  if (parts.zero) parts = DecimalParts{.zero = true};
  parts.head = head;
  parts.tail = tail;
  return parts;
}

namespace {

/// The significant digits of two numbers of one magnitude.
int compare_digits(const DecimalParts& left, const DecimalParts& right) {
  const auto digit = [](const DecimalParts& parts, std::size_t index) {
    if (index < parts.head.size()) return parts.head[index];
    index -= parts.head.size();
    return index < parts.tail.size() ? parts.tail[index] : '0';
  };
  const std::size_t count =
      std::max(left.head.size() + left.tail.size(), right.head.size() + right.tail.size());
  for (std::size_t index = 0; index < count; ++index) {
    const int difference = digit(left, index) - digit(right, index);
    if (difference != 0) return difference;
  }
  return 0;
}

}  // namespace

int compare_decimals(const DecimalParts& left, const DecimalParts& right) {
  const auto sign = [](const DecimalParts& parts) {
    return parts.zero ? 0 : (parts.negative ? -1 : 1);
  };
  if (sign(left) != sign(right) || sign(left) == 0) return sign(left) - sign(right);
  const int larger = sign(left);
  if (left.magnitude != right.magnitude) return left.magnitude > right.magnitude ? larger : -larger;
  return larger * compare_digits(left, right);
}

bool fits_numeric(const DecimalParts& parts, std::int64_t precision, std::int64_t scale) {
  return parts.zero || (parts.scale <= scale && parts.magnitude <= precision - scale);
}

}  // namespace freight::mapping
