#include "core/hex.hpp"

namespace freight::core {

char* write_hex(std::string_view bytes, char* out) {
  constexpr std::string_view digits = "0123456789abcdef";
  for (const char letter : bytes) {
    const auto byte = static_cast<unsigned char>(letter);
    *out++ = digits[byte >> 4U];
    *out++ = digits[byte & 0xfU];
  }
  return out;
}

std::optional<unsigned> hex_value(char digit) {
  if (digit >= '0' && digit <= '9') return static_cast<unsigned>(digit - '0');
  const char lower = static_cast<char>(digit | 0x20);
  if (lower >= 'a' && lower <= 'f') return static_cast<unsigned>(lower - 'a') + 10;
  return std::nullopt;
}

bool read_hex(std::string_view digits, char* out) {
  if (digits.size() % 2 != 0) return false;
  for (std::size_t index = 0; index < digits.size(); index += 2) {
    const auto high = hex_value(digits[index]);
    const auto low = hex_value(digits[index + 1]);
    if (!high || !low) return false;
    *out++ = static_cast<char>(*high * 16 + *low);
  }
  return true;
}

}  // namespace freight::core
