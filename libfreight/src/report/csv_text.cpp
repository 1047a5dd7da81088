#include "report/csv_text.hpp"

#include <cstddef>

#include "core/utf8.hpp"

namespace freight::report {

void append_csv_field(std::string& out, std::optional<std::string_view> text) {
  if (!text) return;
  if (!text->empty() && text->find_first_of("\",\r\n") == std::string_view::npos) {
    out += *text;
    return;
  }
  out += '"';
  for (const char character : *text) {
    if (character == '"') out += '"';
    out += character;
  }
  out += '"';
}

bool is_plain_text(std::string_view text) {
  return core::is_valid_utf8(text) && text.find('\0') == std::string_view::npos;
}

std::string escape_bytes(std::string_view text) {
  constexpr std::string_view hex = "0123456789ABCDEF";
  std::string out;
  std::size_t valid_end = core::valid_utf8_prefix(text);
  for (std::size_t index = 0; index < text.size(); ++index) {
    const bool is_valid = index < valid_end;
    const auto byte = static_cast<unsigned char>(text[index]);
    if (is_valid && byte != 0) {
      out += text[index];
      if (byte == '\\') out += '\\';
      continue;
    }
    out += "\\x";
    out += hex[byte >> 4];
    out += hex[byte & 15];
    if (!is_valid) valid_end = index + 1 + core::valid_utf8_prefix(text.substr(index + 1));
  }
  return out;
}

std::string unescape_bytes(std::string_view text) {
  constexpr std::string_view hex = "0123456789ABCDEF";
  std::string out;
  for (std::size_t index = 0; index < text.size(); ++index) {
    const auto rest = text.substr(index);
    if (rest.starts_with("\\\\")) {
      out += '\\';
      index += 1;
    } else if (rest.size() >= 4 && rest.starts_with("\\x") &&
               hex.find(rest[2]) != std::string_view::npos &&
               hex.find(rest[3]) != std::string_view::npos) {
      out += static_cast<char>(hex.find(rest[2]) * 16 + hex.find(rest[3]));
      index += 3;
    } else {
      out += text[index];
    }
  }
  return out;
}

}  // namespace freight::report
