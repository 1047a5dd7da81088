#pragma once

#include <string>
#include <string_view>

namespace freight::core {

/// True for `0` to `9`, whatever the locale.
constexpr bool is_digit(char character) { return static_cast<unsigned char>(character - '0') < 10; }

/// `A` to `Z` as `a` to `z`; other bytes as they are.
inline std::string ascii_lower(std::string_view text) {
  std::string out(text);
  for (char& letter : out) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  }
  return out;
}

/// `a` to `z` as `A` to `Z`; other bytes as they are.
inline std::string ascii_upper(std::string_view text) {
  std::string out(text);
  for (char& letter : out) {
    if (letter >= 'a' && letter <= 'z') letter = static_cast<char>(letter - 'a' + 'A');
  }
  return out;
}

}  // namespace freight::core
