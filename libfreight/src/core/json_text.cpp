#include "core/json_text.hpp"

#include <cstddef>

#include "core/utf8.hpp"

namespace freight::core {
namespace {

void append_escaped(std::string& out, std::string_view valid) {
  constexpr std::string_view hex = "0123456789abcdef";
  std::size_t copied = 0;
  for (std::size_t index = 0; index < valid.size(); ++index) {
    const auto byte = static_cast<unsigned char>(valid[index]);
    if (byte >= 0x20 && byte != '"' && byte != '\\') continue;
    out.append(valid.substr(copied, index - copied));
    copied = index + 1;
    switch (byte) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        out += "\\u00";
        out += hex[byte >> 4];
        out += hex[byte & 15];
    }
  }
  out.append(valid.substr(copied));
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  constexpr std::string_view replacement = "\xEF\xBF\xBD";
  out += '"';
  while (true) {
    const std::size_t valid = valid_utf8_prefix(text);
    append_escaped(out, text.substr(0, valid));
    if (valid == text.size()) break;
    out += replacement;
    text.remove_prefix(valid + 1);
  }
  out += '"';
}

void append_json_key(std::string& out, std::string_view name) {
  if (!out.empty() && out.back() != '{' && out.back() != '[') out += ',';
  out += '"';
  out += name;
  out += "\":";
}

}  // namespace freight::core
