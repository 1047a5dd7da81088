#include "inspect/encoding_guess.hpp"

#include <cstddef>
#include <cstdint>

#include "connectors/file/text_encoding.hpp"
#include "core/utf8.hpp"
#include "inspect/head.hpp"

namespace freight::inspect {
namespace {

bool is_ascii_letter(char byte) {
  const char lower = static_cast<char>(byte | 0x20);
  return lower >= 'a' && lower <= 'z';
}

bool is_beyond_ascii(char byte) { return static_cast<unsigned char>(byte) >= 0x80; }

/// A letter of windows-1252 beyond ASCII, but not one of the capitals that only eastern and rare
/// French words have: other encodings have common small letters there.
bool is_western_letter(unsigned char byte) { return byte >= 0xC0 && byte != 0xD7 && byte != 0xF7; }

/// Signs that stand within words: an apostrophe, a soft hyphen, a middle dot, dashes.
bool is_sign_in_words(unsigned char byte) {
  return byte == 0x92 || byte == 0x91 || byte == 0x96 || byte == 0x97 || byte == 0xAD ||
         byte == 0xB7 || byte == 0xA0;
}

struct Utf8Count {
  std::uint64_t characters = 0;
  std::uint64_t broken = 0;
};

Utf8Count count_utf8(std::string_view text) {
  Utf8Count count;
  while (!text.empty()) {
    const std::size_t valid = core::valid_utf8_prefix(text);
    for (const char byte : text.substr(0, valid)) {
      if ((static_cast<unsigned char>(byte) & 0xC0U) == 0xC0U) ++count.characters;
    }
    if (valid < text.size()) ++count.broken;
    text.remove_prefix(valid == text.size() ? valid : valid + 1);
  }
  return count;
}

/// Whether the byte at a place makes sense as windows-1252 between its neighbours.
bool is_plausible(std::string_view text, std::size_t place) {
  const auto byte = static_cast<unsigned char>(text[place]);
  const char before = place > 0 ? text[place - 1] : '\n';
  const char after = place + 1 < text.size() ? text[place + 1] : '\n';
  if (file::code_point_of(text[place], Encoding::windows_1252) == 0) return false;
  if (is_western_letter(byte)) {
    // Western words are ASCII letters with a few others between them.
    const bool has_neighbour = is_ascii_letter(before) || is_ascii_letter(after);
    return has_neighbour || !(is_beyond_ascii(before) || is_beyond_ascii(after));
  }
  const bool within_word = is_ascii_letter(before) && is_ascii_letter(after);
  return is_sign_in_words(byte) || !within_word;
}

}  // namespace

EncodingGuess guess_encoding(std::string_view text) {
  const Utf8Count utf8 = count_utf8(text);
  if (utf8.broken == 0) {
    return {Encoding::utf_8, utf8.characters == 0 ? "utf-8: nothing beyond ASCII was seen"
                                                  : "utf-8: all of " + count_text(utf8.characters) +
                                                        " characters beyond ASCII are"};
  }
  if (utf8.characters > 10 * utf8.broken) {
    return {Encoding::utf_8, "utf-8: " + count_text(utf8.characters) +
                                 " characters beyond ASCII are, " + count_text(utf8.broken) +
                                 " bytes are not; their records will be rejected"};
  }
  std::uint64_t beyond = 0;
  std::uint64_t plausible = 0;
  for (std::size_t place = 0; place < text.size(); ++place) {
    if (!is_beyond_ascii(text[place])) continue;
    ++beyond;
    if (is_plausible(text, place)) ++plausible;
  }
  if (plausible * 20 < beyond * 19) return {};
  return {Encoding::windows_1252, "windows-1252: " + count_text(plausible) + " of " +
                                      count_text(beyond) +
                                      " bytes beyond ASCII make sense in it, and the text is not "
                                      "UTF-8"};
}

}  // namespace freight::inspect
