#include "core/spec/template_rule.hpp"

#include "core/text_template.hpp"

namespace freight::core::spec {

std::string template_problem(std::string_view text) {
  const TextTemplate parsed = parse_template(text);
  if (!parsed.problem.empty() || !parsed.fields.empty()) return parsed.problem;
  return "names no {field}; a text that is always the same is a const";
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
