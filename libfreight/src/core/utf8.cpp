#include "core/utf8.hpp"

#include <cstdint>
#include <cstring>

namespace freight::core {
namespace {

bool is_continuation(unsigned char byte) { return (byte & 0xC0U) == 0x80U; }

/// The length of the code point that begins `text`, or 0 when none does.
std::size_t code_point_length(const unsigned char* text, std::size_t size) {
  const unsigned char first = text[0];
  if (first < 0x80) return 1;
  if (first < 0xC2) return 0;
  if (first < 0xE0) return size >= 2 && is_continuation(text[1]) ? 2 : 0;
  if (first < 0xF0) {
    if (size < 3 || !is_continuation(text[1]) || !is_continuation(text[2])) return 0;
    if (first == 0xE0 && text[1] < 0xA0) return 0;  // overlong
    if (first == 0xED && text[1] > 0x9F) return 0;  // surrogate
    return 3;
  }
  if (first > 0xF4 || size < 4) return 0;
  if (!is_continuation(text[1]) || !is_continuation(text[2]) || !is_continuation(text[3])) return 0;
  if (first == 0xF0 && text[1] < 0x90) return 0;  // overlong
  if (first == 0xF4 && text[1] > 0x8F) return 0;  // beyond U+10FFFF
  return 4;
}

}  // namespace

std::size_t valid_utf8_prefix(std::string_view text) {
  const auto* const bytes = reinterpret_cast<const unsigned char*>(text.data());
  std::size_t position = 0;
  while (position < text.size()) {
    // Most text is ASCII: eight bytes at a time.
    std::uint64_t word = 0;
    while (text.size() - position >= sizeof word) {
      std::memcpy(&word, bytes + position, sizeof word);
      if ((word & 0x8080808080808080U) != 0) break;
      position += sizeof word;
    }
    if (position == text.size()) break;
    const std::size_t length = code_point_length(bytes + position, text.size() - position);
    if (length == 0) return position;
    position += length;
  }
  return position;
}

std::string_view cut_utf8(std::string_view text, std::size_t max_bytes) {
  if (text.size() <= max_bytes) return text;
  std::size_t end = max_bytes;
  // At most three steps: longer runs of continuation bytes are not UTF-8 and may be cut anywhere.
  for (int steps = 0;
       steps < 3 && end > 0 && is_continuation(static_cast<unsigned char>(text[end])); ++steps)
    --end;
  if (is_continuation(static_cast<unsigned char>(text[end]))) end = max_bytes;
  return text.substr(0, end);
}

}  // namespace freight::core
