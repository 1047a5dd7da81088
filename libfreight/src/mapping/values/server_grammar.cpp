#include "mapping/values/server_grammar.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>

#include "core/ascii.hpp"
#include "core/hex.hpp"
#include "mapping/values/json_check.hpp"
#include "mapping/values/numbers.hpp"
#include "mapping/values/unicode.hpp"

namespace freight::mapping {
namespace {

using core::is_digit;

bool is_server_space(char character) {
  return character == ' ' || (character >= '\t' && character <= '\r');
}

std::string_view without_sign(std::string_view text) {
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) text.remove_prefix(1);
  return text;
}

/// 0x1F, 0o17, 0b11 and 1_000, which PostgreSQL reads from version 16 on.
bool is_newer_notation(std::string_view text) {
  text = without_sign(text);
  if (text.empty() || !is_digit(text.front())) return false;
  return text.find('_') != std::string_view::npos ||
         (text.size() > 2 && text[0] == '0' &&
          std::string_view("xXoObB").find(text[1]) != std::string_view::npos);
}

}  // namespace

std::string_view server_trim(std::string_view text) {
  while (!text.empty() && is_server_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_server_space(text.back())) text.remove_suffix(1);
  return text;
}

ServerNumber read_server_integer(std::string_view trimmed, std::optional<std::int64_t>& value) {
  value.reset();
  const std::string_view digits = without_sign(trimmed);
  if (digits.empty() || !std::all_of(digits.begin(), digits.end(), is_digit))
    return is_newer_notation(trimmed) ? ServerNumber::special : ServerNumber::impossible;
  const bool negative = trimmed.front() == '-';
  const std::string_view significant =
      digits.substr(std::min(digits.find_first_not_of('0'), digits.size() - 1));
  if (significant.size() > 19) return ServerNumber::plain;
  std::uint64_t magnitude = 0;
  for (const char digit : significant)
    magnitude = magnitude * 10 + static_cast<unsigned>(digit - '0');
  const std::uint64_t limit = std::uint64_t{9'223'372'036'854'775'807} + (negative ? 1 : 0);
  if (magnitude <= limit) value = static_cast<std::int64_t>(negative ? 0 - magnitude : magnitude);
  return ServerNumber::plain;
}

ServerNumber read_server_decimal(std::string_view trimmed, std::string_view& canonical) {
  if (convert_decimal(trimmed, canonical) == Fault::none) return ServerNumber::plain;
  const std::string word = to_lower(without_sign(trimmed));
  const bool special = word == "nan" || word == "inf" || word == "infinity";
  return special || is_newer_notation(trimmed) ? ServerNumber::special : ServerNumber::impossible;
}

bool may_be_boolean(std::string_view text) {
  const std::string word = to_lower(server_trim(text));
  if (word.empty()) return false;
  if (word == "1" || word == "0" || word == "on" || word == "of") return true;
  constexpr std::array<std::string_view, 5> words{"true", "false", "yes", "no", "off"};
  // Any beginning of a word does, but for "o", which begins two.
  return word != "o" && std::any_of(words.begin(), words.end(), [&word](std::string_view whole) {
           return whole.starts_with(word);
         });
}

bool may_be_uuid(std::string_view text) {
  const bool braces = text.starts_with('{');
  if (braces != text.ends_with('}')) return false;
  if (braces) text = text.substr(1, text.size() - 2);
  std::size_t digits = 0;
  for (std::size_t index = 0; index < text.size(); ++index) {
    if (core::hex_value(text[index])) {
      ++digits;
      continue;
    }
    // A dash may follow each group of four.
    const bool after_group = index > 0 && text[index - 1] != '-' && digits % 4 == 0;
    if (text[index] != '-' || !after_group || digits == 32) return false;
  }
  return digits == 32;
}

bool may_be_temporal(std::string_view text) {
  if (std::any_of(text.begin(), text.end(), is_digit)) return true;
  // "tomorrow allballs" is a timestamp: the first word decides here.
  constexpr std::array<std::string_view, 9> words{"now",       "today",     "tomorrow",
                                                  "yesterday", "epoch",     "infinity",
                                                  "-infinity", "+infinity", "allballs"};
  const std::string lower = to_lower(server_trim(text));
  const std::string_view first =
      std::string_view(lower).substr(0, lower.find_first_of(" \t\n\v\f\r,"));
  return std::find(words.begin(), words.end(), first) != words.end();
}

bool may_be_json(std::string_view text) {
  std::size_t offset = 0;
  return check_json(text, offset) != Fault::malformed;
}

}  // namespace freight::mapping
