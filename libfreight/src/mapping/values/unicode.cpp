#include "mapping/values/unicode.hpp"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <span>

namespace freight::mapping {
namespace {

struct CaseRange {
  char32_t first;
  char32_t last;
  std::int32_t difference;
  /// 2 where upper and lower case letters alternate.
  char32_t step;
};

#include "mapping/values/case_ranges.inc"

bool is_continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U; }

/// One code point at the front of `text`, and its length; a byte that begins none stands for itself
/// with length 1 and a value that no mapping knows.
struct CodePoint {
  char32_t value;
  std::size_t length;
};

constexpr char32_t not_a_code_point = 0xFFFFFFFF;

CodePoint first_code_point(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  if (first < 0x80) return {first, 1};
  const std::size_t length = first >= 0xF0 ? 4 : (first >= 0xE0 ? 3 : (first >= 0xC2 ? 2 : 0));
  if (length == 0 || text.size() < length) return {not_a_code_point, 1};
  char32_t value = first & (0x7FU >> length);
  for (std::size_t index = 1; index < length; ++index) {
    if (!is_continuation(text[index])) return {not_a_code_point, 1};
    value = value << 6 | (static_cast<unsigned char>(text[index]) & 0x3FU);
  }
  return {value, length};
}

bool is_white_space(char32_t value) {
  if (value < 0x80) return value == ' ' || (value >= 0x09 && value <= 0x0D);
  return value == 0x85 || value == 0xA0 || value == 0x1680 ||
         (value >= 0x2000 && value <= 0x200A) || value == 0x2028 || value == 0x2029 ||
         value == 0x202F || value == 0x205F || value == 0x3000;
}

char* put_code_point(char* out, char32_t value) {
  const auto put = [&out](char32_t byte) { *out++ = static_cast<char>(byte); };
  if (value < 0x80) {
    put(value);
  } else if (value < 0x800) {
    put(0xC0 | value >> 6);
    put(0x80 | (value & 0x3F));
  } else if (value < 0x10000) {
    put(0xE0 | value >> 12);
    put(0x80 | (value >> 6 & 0x3F));
    put(0x80 | (value & 0x3F));
  } else {
    put(0xF0 | value >> 18);
    put(0x80 | (value >> 12 & 0x3F));
    put(0x80 | (value >> 6 & 0x3F));
    put(0x80 | (value & 0x3F));
  }
  return out;
}

char32_t mapped(char32_t value, std::span<const CaseRange> ranges) {
  const auto after = std::upper_bound(
      ranges.begin(), ranges.end(), value,
      [](char32_t searched, const CaseRange& range) { return searched < range.first; });
  if (after == ranges.begin()) return value;
  const CaseRange& range = *std::prev(after);
  if (value > range.last || (value - range.first) % range.step != 0) return value;
  return static_cast<char32_t>(static_cast<std::int32_t>(value) + range.difference);
}

struct CaseMapping {
  /// The ASCII letters that it changes, from `first` on, and by how much.
  char first;
  char difference;
  std::span<const CaseRange> ranges;

  bool changes_ascii(char character) const {
    return static_cast<unsigned char>(character - first) < 26;
  }
};

constexpr CaseMapping lower_case{'A', 'a' - 'A', lower_ranges};
constexpr CaseMapping upper_case{'a', 'A' - 'a', upper_ranges};

/// Writes the mapped text and returns its end. No mapping makes a code point more than one byte
/// longer, and only such of two bytes: out needs 3 bytes for each 2 of text.
char* map_case(std::string_view text, const CaseMapping& mapping, char* out) {
  while (!text.empty()) {
    const char first = text.front();
    if (static_cast<unsigned char>(first) < 0x80) {
      *out++ = mapping.changes_ascii(first) ? static_cast<char>(first + mapping.difference) : first;
      text.remove_prefix(1);
      continue;
    }
    const CodePoint code_point = first_code_point(text);
    if (code_point.value == not_a_code_point) {
      *out++ = first;
    } else {
      out = put_code_point(out, mapped(code_point.value, mapping.ranges));
    }
    text.remove_prefix(code_point.length);
  }
  return out;
}

std::size_t mapped_room(std::string_view text) { return text.size() + text.size() / 2 + 1; }

std::string_view convert_case(std::string_view text, const CaseMapping& mapping, std::string& out) {
  const bool unchanged = std::none_of(text.begin(), text.end(), [&mapping](char character) {
    return mapping.changes_ascii(character) || static_cast<unsigned char>(character) >= 0x80;
  });
  if (unchanged) return text;
  out.resize(mapped_room(text));
  out.resize(static_cast<std::size_t>(map_case(text, mapping, out.data()) - out.data()));
  if (out != text) return out;
  out.clear();
  return text;
}

}  // namespace

std::size_t count_code_points(std::string_view text) {
  std::size_t count = 0;
  for (const char byte : text) count += is_continuation(byte) ? 0 : 1;
  return count;
}

void append_code_point(char32_t value, std::string& out) {
  char bytes[4];
  out.append(bytes, static_cast<std::size_t>(put_code_point(bytes, value) - bytes));
}

std::size_t code_points_prefix(std::string_view text, std::size_t count) {
  // Each takes a byte at least.
  if (count >= text.size()) return text.size();
  std::size_t size = 0;
  for (; size < text.size(); ++size) {
    if (is_continuation(text[size])) continue;
    if (count-- == 0) break;
  }
  return size;
}

std::size_t find_white_space(std::string_view text) {
  std::size_t place = 0;
  while (place < text.size()) {
    const CodePoint code_point = first_code_point(text.substr(place));
    if (is_white_space(code_point.value)) break;
    place += code_point.length;
  }
  return place;
}

std::string_view trim_left(std::string_view text) {
  while (!text.empty()) {
    const CodePoint code_point = first_code_point(text);
    if (!is_white_space(code_point.value)) break;
    text.remove_prefix(code_point.length);
  }
  return text;
}

std::string_view trim(std::string_view text) {
  text = trim_left(text);
  while (!text.empty()) {
    std::size_t begin = text.size() - 1;
    while (begin > 0 && text.size() - begin < 4 && is_continuation(text[begin])) --begin;
    const CodePoint code_point = first_code_point(text.substr(begin));
    if (code_point.length != text.size() - begin || !is_white_space(code_point.value)) break;
    text.remove_suffix(code_point.length);
  }
  return text;
}

std::string_view to_lower(std::string_view text, std::string& out) {
  return convert_case(text, lower_case, out);
}

std::string_view to_upper(std::string_view text, std::string& out) {
  return convert_case(text, upper_case, out);
}

std::string to_lower(std::string_view text) {
  std::string lower(mapped_room(text), '\0');
  lower.resize(static_cast<std::size_t>(map_case(text, lower_case, lower.data()) - lower.data()));
  return lower;
}

}  // namespace freight::mapping
