#include "core/record_json.hpp"

#include <cstddef>
#include <string_view>

namespace freight::core {
namespace {

void append_escape(std::string& json, unsigned char control) {
  constexpr std::string_view digits = "0123456789abcdef";
  json += "\\u00";
  json += digits[control >> 4U];
  json += digits[control & 0xfU];
}

void append_bytes(std::string& json, std::string_view text) {
  json += '"';
  for (const char letter : text) {
    if (letter == '"' || letter == '\\') {
      json += '\\';
      json += letter;
    } else if (static_cast<unsigned char>(letter) < 0x20) {
      append_escape(json, static_cast<unsigned char>(letter));
    } else {
      json += letter;
    }
  }
  json += '"';
}

bool is_bare(const SourceField& field) {
  if (field.kind == FieldKind::json) {
    return field.text().starts_with('{') || field.text().starts_with('[');
  }
  return field.kind == FieldKind::integer || field.kind == FieldKind::decimal ||
         field.kind == FieldKind::boolean;
}

}  // namespace

std::string record_json(const std::vector<std::string>& names, const SourceField* fields) {
  std::string json = "{";
  for (std::size_t index = 0; index < names.size(); ++index) {
    const SourceField& field = fields[index];
    if (field.kind == FieldKind::absent) continue;
    if (json.size() > 1) json += ',';
    append_bytes(json, names[index]);
    json += ':';
    if (field.kind == FieldKind::null) {
      json += "null";
    } else if (is_bare(field)) {
      json += field.text();
    } else {
      append_bytes(json, field.text());
    }
  }
  json += '}';
  return json;
}

}  // namespace freight::core
