#include "core/visible.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdio>

namespace freight::core {
namespace {

struct Character {
  std::uint32_t code_point = 0;
  std::size_t bytes = 1;
};

/// The character at the beginning of a text that is not empty, as far as it may be invisible: none
/// of those has more than three bytes.
Character character_at(std::string_view text) {
  const auto byte = [&text](std::size_t index) -> std::uint32_t {
    return index < text.size() ? static_cast<unsigned char>(text[index]) : 0U;
  };
  if (byte(0) < 0x80) return {byte(0), 1};
  if ((byte(0) & 0xE0U) == 0xC0 && (byte(1) & 0xC0U) == 0x80) {
    return {((byte(0) & 0x1FU) << 6U) | (byte(1) & 0x3FU), 2};
  }
  if ((byte(0) & 0xF0U) == 0xE0 && (byte(1) & 0xC0U) == 0x80 && (byte(2) & 0xC0U) == 0x80) {
    return {((byte(0) & 0x0FU) << 12U) | ((byte(1) & 0x3FU) << 6U) | (byte(2) & 0x3FU), 3};
  }
  return {'?', 1};
}

bool is_invisible(std::uint32_t code_point) {
  return code_point < 0x20 || (code_point >= 0x7F && code_point <= 0xA0) || code_point == 0xAD ||
         (code_point >= 0x2000 && code_point <= 0x200F) ||
         (code_point >= 0x2028 && code_point <= 0x202F) ||
         (code_point >= 0x205F && code_point <= 0x206F) || code_point == 0x3000 ||
         code_point == 0xFEFF;
}

}  // namespace

std::string visible(std::string_view text) {
  std::string shown;
  shown.reserve(text.size());
  while (!text.empty()) {
    const Character character = character_at(text);
    if (is_invisible(character.code_point)) {
      char escape[8] = {};
      std::snprintf(escape, sizeof(escape), "\\u%04x", static_cast<unsigned>(character.code_point));
      shown += escape;
    } else {
      shown += text.substr(0, character.bytes);
    }
    text.remove_prefix(character.bytes);
  }
  return shown;
}

}  // namespace freight::core
