#include "mapping/values/scalar_types.hpp"

#include <array>
#include <cstddef>

#include "core/hex.hpp"

namespace freight::mapping {
namespace {

/// ASCII letters in lower case; what is no letter stays different from one.
char folded(char character) {
  return character >= 'A' && character <= 'Z' ? static_cast<char>(character + ('a' - 'A'))
                                              : character;
}

bool is_dash_position(std::size_t index) {
  return index == 8 || index == 13 || index == 18 || index == 23;
}

}  // namespace

Fault convert_boolean(std::string_view text, std::string_view& canonical) {
  if (text.empty() || text.size() > canonical_false.size()) return Fault::malformed;
  std::array<char, canonical_false.size()> letters{};
  for (std::size_t index = 0; index < text.size(); ++index) letters[index] = folded(text[index]);
  const std::string_view word(letters.data(), text.size());
  if (word == canonical_true || word == "1" || word == "t" || word == "yes" || word == "y") {
    canonical = text == canonical_true ? text : canonical_true;
    return Fault::none;
  }
  if (word == canonical_false || word == "0" || word == "f" || word == "no" || word == "n") {
    canonical = text == canonical_false ? text : canonical_false;
    return Fault::none;
  }
  return Fault::malformed;
}

Fault convert_uuid(std::string_view text, ArenaWriter& writer, std::string_view& canonical) {
  constexpr std::size_t canonical_size = 36;
  if (text.size() > 2 && text.front() == '{' && text.back() == '}')
    text = text.substr(1, text.size() - 2);
  const bool dashes = text.size() == canonical_size;
  if (!dashes && text.size() != 32) return Fault::malformed;
  bool unchanged = dashes;
  char* const out = writer.reserve(canonical_size);
  std::size_t read = 0;
  for (std::size_t index = 0; index < canonical_size; ++index) {
    if (is_dash_position(index)) {
      if (dashes && text[read++] != '-') return Fault::malformed;
      out[index] = '-';
      continue;
    }
    const char character = text[read++];
    const char lower = folded(character);
    if (!core::is_lower_hex(lower)) return Fault::malformed;
    unchanged = unchanged && lower == character;
    out[index] = lower;
  }
  canonical = unchanged ? text : writer.commit(canonical_size);
  return Fault::none;
}

}  // namespace freight::mapping
