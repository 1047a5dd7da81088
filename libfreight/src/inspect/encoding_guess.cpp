#include "inspect/encoding_guess.hpp"

#include <algorithm>
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

enum class Script : std::uint8_t { none, latin, cyrillic, greek };

Script script_of(std::uint32_t code_point) {
  if (code_point >= 0xC0 && code_point < 0x180 && code_point != 0xD7 && code_point != 0xF7) {
    return Script::latin;
  }
  if (code_point >= 0x400 && code_point < 0x492) return Script::cyrillic;
  return code_point >= 0x386 && code_point < 0x3CF ? Script::greek : Script::none;
}

bool is_capital(std::uint32_t code_point) {
  if (code_point < 0x100) return code_point < 0xDF;
  if (code_point < 0x180) {
    // In these two rows the capitals are the odd ones.
    const bool is_odd_row = (code_point > 0x138 && code_point < 0x149) || code_point > 0x178;
    return ((code_point & 1U) != 0) == is_odd_row;
  }
  return code_point < 0x400 ? code_point < 0x3AC && code_point != 0x390 : code_point < 0x430;
}

/// Whether the byte at a place makes sense between its neighbours: a letter beside letters of its
/// script, with no capital behind a small one; a sign beside a word.
bool makes_sense(std::string_view text, std::size_t place, Encoding encoding) {
  const auto code_point_at = [&](std::size_t at) {
    if (at >= text.size()) return std::uint32_t{'\n'};
    return file::code_point_of(text[at], encoding);
  };
  const std::uint32_t code_point = code_point_at(place);
  const std::uint32_t before = place > 0 ? code_point_at(place - 1) : '\n';
  const std::uint32_t after = code_point_at(place + 1);
  const bool ascii_before = before < 0x80 && is_ascii_letter(static_cast<char>(before));
  const bool ascii_after = after < 0x80 && is_ascii_letter(static_cast<char>(after));
  const Script script = script_of(code_point);
  if (code_point == 0) return false;
  if (script == Script::none) {
    return !(ascii_before && ascii_after) && script_of(before) == Script::none;
  }
  // No word of Latin letters has three in a row beyond ASCII; Greek ones have neither of two
  // letters with two accents, nearly, and the final sigma at their end alone.
  const auto is_latin_at = [&](std::size_t at) {
    return at < text.size() && script_of(code_point_at(at)) == Script::latin;
  };
  const auto is_run = [&](std::size_t from) {
    return is_latin_at(from) && is_latin_at(from + 1) && is_latin_at(from + 2);
  };
  if (is_run(place) || (place > 0 && is_run(place - 1)) || (place > 1 && is_run(place - 2))) {
    return false;
  }
  if (code_point == 0x390 || code_point == 0x3B0) return false;
  if (code_point == 0x3C2 && script_of(after) == Script::greek) return false;
  const bool small_before =
      (ascii_before && before >= 'a') || (script_of(before) != Script::none && !is_capital(before));
  if (is_capital(code_point) && small_before) return false;
  const auto fits = [&](std::uint32_t neighbour, bool is_ascii) {
    return is_ascii ? script == Script::latin
                    : neighbour < 0x80 || script_of(neighbour) == script ||
                          script_of(neighbour) == Script::none;
  };
  return fits(before, ascii_before) && fits(after, ascii_after);
}

/// Of the encodings that are not windows-1252 the one in which nearly all bytes make sense, if in
/// none of the others nearly as many do.
EncodingGuess guess_other(std::string_view text) {
  constexpr Encoding others[] = {Encoding::windows_1250, Encoding::windows_1251,
                                 Encoding::windows_1253, Encoding::macroman, Encoding::ibm850};
  std::uint64_t beyond = 0;
  for (const char byte : text) beyond += is_beyond_ascii(byte) ? 1 : 0;
  Encoding best = Encoding::utf_8;
  std::uint64_t most = 0;
  std::uint64_t second = 0;
  for (const Encoding encoding : others) {
    std::uint64_t sensible = 0;
    for (std::size_t place = 0; place < text.size(); ++place) {
      if (is_beyond_ascii(text[place]) && makes_sense(text, place, encoding)) ++sensible;
    }
    second = std::max(second, std::min(sensible, most));
    if (sensible > most) {
      most = sensible;
      best = encoding;
    }
  }
  if (most * 20 < beyond * 19 || second * 10 > beyond * 9) return {};
  return {best, std::string(file::name_of(best)) + ": " + count_text(most) + " of " +
                    count_text(beyond) +
                    " bytes beyond ASCII make sense in it, and fewer in others that Freight knows"};
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
  if (plausible * 20 < beyond * 19) return guess_other(text);
  return {Encoding::windows_1252, "windows-1252: " + count_text(plausible) + " of " +
                                      count_text(beyond) +
                                      " bytes beyond ASCII make sense in it, and the text is not "
                                      "UTF-8"};
}

}  // namespace freight::inspect
