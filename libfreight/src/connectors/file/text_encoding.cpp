#include "connectors/file/text_encoding.hpp"

#include <algorithm>
#include <array>

#include "core/utf8.hpp"

namespace freight::file {
namespace {

/// What windows-1252 has at 0x80 to 0x9F, 0 where it has nothing; elsewhere it is ISO 8859-1.
constexpr std::array<std::uint16_t, 32> windows_1252_specials{
    0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

bool is_ascii(char byte) { return static_cast<unsigned char>(byte) < 0x80; }

/// Where ISO 8859-15 differs from ISO 8859-1.
std::uint32_t iso_8859_15_code_point(unsigned char value) {
  switch (value) {
    case 0xA4:
      return 0x20AC;
    case 0xA6:
      return 0x0160;
    case 0xA8:
      return 0x0161;
    case 0xB4:
      return 0x017D;
    case 0xB8:
      return 0x017E;
    case 0xBC:
      return 0x0152;
    case 0xBD:
      return 0x0153;
    case 0xBE:
      return 0x0178;
    default:
      return value;
  }
}

/// No encoding here has more than this for a byte.
constexpr std::size_t most_bytes_of_one = 3;

/// `code_point` is below 0x10000 and `out` has room for three bytes. Returns the end.
char* append_utf8(std::uint32_t code_point, char* out) {
  if (code_point < 0x80) {
    *out++ = static_cast<char>(code_point);
    return out;
  }
  if (code_point < 0x800) {
    *out++ = static_cast<char>(0xC0U | (code_point >> 6U));
  } else {
    *out++ = static_cast<char>(0xE0U | (code_point >> 12U));
    *out++ = static_cast<char>(0x80U | ((code_point >> 6U) & 0x3FU));
  }
  *out++ = static_cast<char>(0x80U | (code_point & 0x3FU));
  return out;
}

char* transcode(std::string_view text, Encoding encoding, char* out) {
  for (const char byte : text) {
    const std::uint32_t code_point = is_ascii(byte) ? 0 : code_point_of(byte, encoding);
    if (code_point == 0) {
      *out++ = byte;
    } else {
      out = append_utf8(code_point, out);
    }
  }
  return out;
}

}  // namespace

std::string_view name_of(Encoding encoding) {
  switch (encoding) {
    case Encoding::windows_1252:
      return "windows-1252";
    case Encoding::iso_8859_1:
      return "iso-8859-1";
    case Encoding::iso_8859_15:
      return "iso-8859-15";
    default:
      return "utf-8";
  }
}

std::uint32_t code_point_of(char byte, Encoding encoding) {
  const auto value = static_cast<unsigned char>(byte);
  if (encoding == Encoding::iso_8859_15) return iso_8859_15_code_point(value);
  const bool is_special = encoding == Encoding::windows_1252 && value >= 0x80 && value < 0xA0;
  return is_special ? windows_1252_specials[value - 0x80U] : value;
}

std::size_t valid_prefix(std::string_view text, Encoding encoding) {
  if (encoding == Encoding::utf_8) return core::valid_utf8_prefix(text);
  if (encoding != Encoding::windows_1252) return text.size();
  const auto* const found = std::find_if(text.begin(), text.end(), [](char byte) {
    return !is_ascii(byte) && code_point_of(byte, Encoding::windows_1252) == 0;
  });
  return static_cast<std::size_t>(found - text.begin());
}

std::string_view to_utf8(std::string_view text, Encoding encoding, TextArena& arena) {
  const auto beyond = static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char byte) { return !is_ascii(byte); }));
  if (beyond == 0) return text;
  const std::size_t most = text.size() + beyond * (most_bytes_of_one - 1);
  char* const begin = arena.allocate(most);
  const auto size = static_cast<std::size_t>(transcode(text, encoding, begin) - begin);
  arena.shrink_last(most, size);
  return {begin, size};
}

std::string to_utf8(std::string_view text, Encoding encoding) {
  if (encoding == Encoding::utf_8) return std::string(text);
  std::string out(text.size() * most_bytes_of_one, '\0');
  out.resize(static_cast<std::size_t>(transcode(text, encoding, out.data()) - out.data()));
  return out;
}

std::size_t encoded_size(std::string_view text, std::size_t size, Encoding encoding) {
  if (encoding == Encoding::utf_8) return size;
  const std::string_view part = text.substr(0, size);
  return static_cast<std::size_t>(std::count_if(part.begin(), part.end(), [](char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
  }));
}

}  // namespace freight::file
