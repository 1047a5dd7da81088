#include "terminal_text.hpp"

#include <array>
#include <cstdint>
#include <cstdio>

namespace freight::daemon {
namespace {

/// The length of the UTF-8 sequence that begins here, or 0. Overlong forms are let through: the
/// terminal decides what they show, and none of them is a control character to it.
std::size_t sequence_length(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  const std::size_t length = first < 0xC2   ? 0
                             : first < 0xE0 ? 2
                             : first < 0xF0 ? 3
                             : first < 0xF5 ? 4
                                            : 0;
  if (length == 0 || text.size() < length) return 0;
  for (std::size_t index = 1; index < length; ++index) {
    if ((static_cast<unsigned char>(text[index]) & 0xC0U) != 0x80U) return 0;
  }
  return length;
}

/// U+0080 to U+009F: control characters of two bytes.
bool is_control_sequence(std::string_view sequence) {
  return sequence[0] == '\xC2' && static_cast<unsigned char>(sequence[1]) < 0xA0;
}

}  // namespace

std::string printable(std::string_view text, std::size_t max_bytes) {
  std::string out;
  while (!text.empty()) {
    const auto first = static_cast<unsigned char>(text[0]);
    std::size_t length = 1;
    std::string_view shown;
    if (first < 0x80) {
      shown = first < 0x20 || first == 0x7F ? std::string_view(" ") : text.substr(0, 1);
    } else if ((length = sequence_length(text)) > 0) {
      shown = is_control_sequence(text) ? std::string_view(" ") : text.substr(0, length);
    } else {
      length = 1;
      shown = "?";
    }
    if (out.size() + shown.size() > max_bytes) return out + "...";
    out += shown;
    text.remove_prefix(length);
  }
  return out;
}

std::string duration_text(std::chrono::milliseconds duration) {
  const auto seconds =
      static_cast<std::uint64_t>(duration.count() < 0 ? 0 : duration.count()) / 1000;
  std::array<char, 64> text{};
  if (duration < std::chrono::seconds{10}) {
    std::snprintf(text.data(), text.size(), "%.1f s",
                  static_cast<double>(duration.count()) / 1000.0);
  } else if (seconds < 120) {
    std::snprintf(text.data(), text.size(), "%llu s", static_cast<unsigned long long>(seconds));
  } else if (seconds < 3600) {
    std::snprintf(text.data(), text.size(), "%llu:%02llu",
                  static_cast<unsigned long long>(seconds / 60),
                  static_cast<unsigned long long>(seconds % 60));
  } else {
    std::snprintf(text.data(), text.size(), "%llu:%02llu:%02llu",
                  static_cast<unsigned long long>(seconds / 3600),
                  static_cast<unsigned long long>(seconds / 60 % 60),
                  static_cast<unsigned long long>(seconds % 60));
  }
  return text.data();
}

}  // namespace freight::daemon
