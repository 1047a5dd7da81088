#include "core/spec/template_rule.hpp"

namespace freight::core::spec {

TemplateParts parse_template(std::string_view text) {
  TemplateParts parts;
  std::size_t position = text.find_first_of("{}");
  while (position != std::string_view::npos) {
    const bool doubled = position + 1 < text.size() && text[position + 1] == text[position];
    std::size_t end = position + 1;
    if (!doubled) {
      end = text.find_first_of("{}", position + 1);
      if (text[position] == '}' || end == std::string_view::npos || text[end] == '{') {
        parts.problem = "has a brace without its other; a brace itself is written {{ or }}";
        return parts;
      }
      const std::string_view name = text.substr(position + 1, end - position - 1);
      if (name.empty()) {
        parts.problem = "has braces without the name of a field in them";
        return parts;
      }
      parts.fields.emplace_back(name);
    }
    position = text.find_first_of("{}", end + 1);
  }
  if (parts.fields.empty())
    parts.problem = "names no {field}; a text that is always the same is a const";
  return parts;
}

std::string template_text(const SpecText& text) {
  std::string result;
  std::size_t position = 0;
  for (const SpecText::Substitution& substitution : text.substitutions) {
    result.append(text.value, position, substitution.begin - position);
    for (std::size_t index = substitution.begin; index < substitution.end; ++index) {
      const char character = text.value[index];
      result += character;
      if (character == '{' || character == '}') result += character;
    }
    position = substitution.end;
  }
  return result.append(text.value, position);
}

}  // namespace freight::core::spec
