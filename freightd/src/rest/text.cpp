#include "rest/text.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

#include <boost/json.hpp>

namespace freight::daemon::rest {
namespace {

int digit_of(char character) {
  if (character >= '0' && character <= '9') return character - '0';
  if (character >= 'a' && character <= 'f') return character - 'a' + 10;
  return -1;
}

bool is_valid_utf8(std::string_view text) {
  // Boost.JSON refuses what is not UTF-8; quotes and backslashes are ASCII and do not matter to it.
  std::string quoted = "\"";
  for (const char character : text) {
    if (character == '"' || character == '\\') quoted += '\\';
    quoted += character;
  }
  quoted += '"';
  boost::json::error_code failed;
  boost::json::parse(quoted, failed);
  return !failed;
}

}  // namespace

bool is_clean_text(std::string_view text) {
  const bool plain = std::all_of(text.begin(), text.end(), [](char character) {
    return static_cast<unsigned char>(character) >= ' ' && character != '\x7f';
  });
  const bool ascii = std::all_of(text.begin(), text.end(), [](char character) {
    return static_cast<unsigned char>(character) < 0x80;
  });
  return plain && (ascii || is_valid_utf8(text));
}

std::string printable(std::string_view text) {
  constexpr std::size_t longest = 100;
  std::string shown(text.substr(0, longest));
  std::replace_if(
      shown.begin(), shown.end(), [](char character) { return character < ' ' || character > '~'; },
      '?');
  return shown;
}

std::string hex_text(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string hex;
  for (const char byte : bytes) {
    const auto value = static_cast<unsigned char>(byte);
    hex += digits[value >> 4U];
    hex += digits[value & 15U];
  }
  return hex;
}

std::optional<std::string> text_of_hex(std::string_view hex) {
  if (hex.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  for (std::size_t at = 0; at < hex.size(); at += 2) {
    const int high = digit_of(hex[at]);
    const int low = digit_of(hex[at + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes += static_cast<char>(high * 16 + low);
  }
  return bytes;
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char character) { return std::tolower(character); });
  return out;
}

std::optional<std::uint64_t> whole_number(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

bool accepts(const std::string* header, std::string_view content_type) {
  return header != nullptr && header->find(content_type) != std::string::npos;
}

}  // namespace freight::daemon::rest
