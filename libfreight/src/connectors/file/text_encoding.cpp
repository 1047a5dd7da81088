#include "connectors/file/text_encoding.hpp"

#include <algorithm>

#include "connectors/file/byte_table.hpp"
#include "core/spec/encodings.hpp"
#include "core/utf8.hpp"

namespace freight::file {
namespace {

bool is_ascii(char byte) { return static_cast<unsigned char>(byte) < 0x80; }

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
  const ByteTable& table = byte_table(encoding);
  for (const char byte : text) {
    const std::uint32_t code_point = is_ascii(byte) ? 0 : table[static_cast<unsigned char>(byte)];
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
  for (const auto& known : core::spec::encodings) {
    if (known.value == encoding) return known.name;
  }
  return {};
}

Encoding text_encoding(Encoding encoding) {
  const bool is_utf16 = encoding == Encoding::utf_16le || encoding == Encoding::utf_16be;
  return is_utf16 ? Encoding::utf_8 : encoding;
}

std::uint32_t code_point_of(char byte, Encoding encoding) {
  return byte_table(encoding)[static_cast<unsigned char>(byte)];
}

std::size_t valid_prefix(std::string_view text, Encoding encoding) {
  if (encoding == Encoding::utf_8) return core::valid_utf8_prefix(text);
  const ByteTable& table = byte_table(encoding);
  const auto* const found = std::find_if(text.begin(), text.end(), [&](char byte) {
    return !is_ascii(byte) && table[static_cast<unsigned char>(byte)] == 0;
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
