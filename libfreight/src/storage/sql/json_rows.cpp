#include "storage/sql/json_rows.hpp"

#include <array>
#include <charconv>
#include <utility>

#include "core/json_text.hpp"
#include "core/utf8.hpp"

namespace freight::storage {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

void append_hex(std::string& out, std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  out.reserve(out.size() + 2 * bytes.size());
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
}

}  // namespace

std::string storable_text(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    auto good = core::valid_utf8_prefix(text);
    good = std::min(good, text.find('\0'));
    result += text.substr(0, good);
    if (good == text.size()) break;
    result += replacement;
    text.remove_prefix(good + 1);
  }
  return result;
}

void JsonRows::begin_row() {
  if (rows_ > 0) text_ += '}';
  text_ += rows_ == 0 ? "[{" : ",{";
  ++rows_;
}

JsonRows& JsonRows::add(std::string_view name, std::string_view text) {
  core::append_json_key(text_, name);
  if (text.find('\0') == std::string_view::npos) {
    core::append_json_string(text_, text);
  } else {
    core::append_json_string(text_, storable_text(text));
  }
  return *this;
}

JsonRows& JsonRows::add(std::string_view name, double value) {
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  return add_number(name, std::string(digits.data(), end));
}

JsonRows& JsonRows::add_number(std::string_view name, const std::string& digits) {
  core::append_json_key(text_, name);
  text_ += digits;
  return *this;
}

JsonRows& JsonRows::add_hex(std::string_view name, std::string_view bytes) {
  core::append_json_key(text_, name);
  text_ += '"';
  append_hex(text_, bytes);
  text_ += '"';
  return *this;
}

std::string JsonRows::take() {
  auto text = std::exchange(text_, {});
  text += std::exchange(rows_, 0) == 0 ? "[]" : "}]";
  return text;
}

std::string hex_of(std::string_view bytes) {
  std::string hex;
  append_hex(hex, bytes);
  return hex;
}

std::string bytes_of_hex(std::string_view hex) {
  std::string bytes;
  bytes.reserve(hex.size() / 2);
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    const int high = digit_of(hex[i]);
    const int low = digit_of(hex[i + 1]);
    if (high < 0 || low < 0) break;
    bytes += static_cast<char>(high * 16 + low);
  }
  return bytes;
}

}  // namespace freight::storage
