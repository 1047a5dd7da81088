#include "connectors/file/printable.hpp"

#include <cstdint>
#include <optional>

#include "connectors/file/text_encoding.hpp"
#include "core/utf8.hpp"

namespace freight::file {
namespace {

constexpr std::size_t most_printed = 1024;
/// More is not needed to tell an encoding, and a record may be long.
constexpr std::size_t most_examined = 64 * 1024;

/// The character (in UTF-8) that the byte at `offset` would be in windows-1252, when the text looks
/// as if it were in that encoding.
std::optional<std::string> windows_1252_at(std::string_view text, std::size_t offset) {
  const std::uint32_t code_point = code_point_of(text[offset], Encoding::windows_1252);
  if (code_point == 0) return std::nullopt;
  std::string_view rest = text.substr(0, most_examined);
  while (!rest.empty()) {
    if (static_cast<unsigned char>(rest.front()) < 0x80) {
      rest.remove_prefix(1);
      continue;
    }
    const bool is_utf8 = core::valid_utf8_prefix(rest.substr(0, 4)) != 0;
    if (is_utf8 || code_point_of(rest.front(), Encoding::windows_1252) == 0) return std::nullopt;
    rest.remove_prefix(1);
  }
  return to_utf8(text.substr(offset, 1), Encoding::windows_1252);
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

std::string printable(std::string_view text, Encoding encoding) {
  if (encoding == Encoding::utf_8) return printable(text);
  return printable(to_utf8(text.substr(0, most_printed), encoding));
}

std::string expected_encoding(Encoding encoding) {
  return encoding == Encoding::utf_8 ? "UTF-8" : std::string(name_of(encoding));
}

std::string encoding_hint(std::string_view text, std::size_t offset, Encoding encoding) {
  if (encoding != Encoding::utf_8) {
    return std::string(name_of(encoding)) +
           " has no character for this byte: is source.encoding right?";
  }
  const auto character = windows_1252_at(text, offset);
  if (!character) return "Convert the file to UTF-8, or name its encoding in source.encoding.";
  return "The text looks like windows-1252, where " + printable_byte(text[offset]) + " is \"" +
         *character +
         "\": set \"encoding\": \"windows-1252\" in the source, or convert the file to UTF-8, for "
         "example with `iconv -f WINDOWS-1252 -t UTF-8`.";
}

}  // namespace freight::file
