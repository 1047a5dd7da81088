#include "connectors/csv/printable.hpp"

#include <array>
#include <cstdint>

#include "core/utf8.hpp"

namespace freight::csv {
namespace {

constexpr std::size_t most_printed = 1024;
/// More is not needed to tell an encoding, and a record may be long.
constexpr std::size_t most_examined = 64 * 1024;

/// What windows-1252 has at 0x80 to 0x9F, 0 where it has nothing; elsewhere it is ISO 8859-1.
constexpr std::array<std::uint16_t, 32> windows_1252_specials{
    0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

/// 0 where windows-1252 has nothing.
std::uint32_t windows_1252_code_point(char byte) {
  const auto value = static_cast<unsigned char>(byte);
  if (value < 0x80 || value >= 0xA0) return value;
  return windows_1252_specials[value - 0x80U];
}

/// `code_point` is below 0x10000.
std::string utf8_of(std::uint32_t code_point) {
  std::string text;
  if (code_point < 0x80) {
    text += static_cast<char>(code_point);
  } else if (code_point < 0x800) {
    text += static_cast<char>(0xC0U | (code_point >> 6U));
    text += static_cast<char>(0x80U | (code_point & 0x3FU));
  } else {
    text += static_cast<char>(0xE0U | (code_point >> 12U));
    text += static_cast<char>(0x80U | ((code_point >> 6U) & 0x3FU));
    text += static_cast<char>(0x80U | (code_point & 0x3FU));
  }
  return text;
}

}  // namespace

std::string printable_byte(char byte) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  const auto value = static_cast<unsigned char>(byte);
  return {'\\', 'x', digits[value >> 4U], digits[value & 15U]};
}

std::string printable(std::string_view text) {
  std::string_view rest = core::cut_utf8(text, most_printed);
  std::string printed;
  while (!rest.empty()) {
    const std::string_view sound =
        rest.substr(0, core::valid_utf8_prefix(rest.substr(0, rest.find('\0'))));
    const std::string bad =
        sound.size() == rest.size() ? std::string() : printable_byte(rest[sound.size()]);
    if (printed.size() + sound.size() + bad.size() > most_printed) {
      return printed.append(core::cut_utf8(sound, most_printed - printed.size()));
    }
    printed.append(sound).append(bad);
    rest.remove_prefix(sound.size() + (bad.empty() ? 0 : 1));
  }
  return printed;
}

std::optional<std::string> windows_1252_at(std::string_view text, std::size_t offset) {
  const std::uint32_t code_point = windows_1252_code_point(text[offset]);
  if (code_point == 0) return std::nullopt;
  std::string_view rest = text.substr(0, most_examined);
  while (!rest.empty()) {
    if (static_cast<unsigned char>(rest.front()) < 0x80) {
      rest.remove_prefix(1);
      continue;
    }
    const bool is_utf8 = core::valid_utf8_prefix(rest.substr(0, 4)) != 0;
    if (is_utf8 || windows_1252_code_point(rest.front()) == 0) return std::nullopt;
    rest.remove_prefix(1);
  }
  return utf8_of(code_point);
}

}  // namespace freight::csv
