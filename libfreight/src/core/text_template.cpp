#include "core/text_template.hpp"

#include <cstddef>
#include <utility>

namespace freight::core {

TextTemplate parse_template(std::string_view text) {
  TextTemplate parsed;
  std::string literal;
  std::size_t place = 0;
  while (place < text.size()) {
    const std::size_t brace = text.find_first_of("{}", place);
    literal += text.substr(place, brace - place);
    if (brace == std::string_view::npos) break;
    if (text.substr(brace + 1, 1) == text.substr(brace, 1)) {
      literal += text[brace];
      place = brace + 2;
      continue;
    }
    const std::size_t end = text.find_first_of("{}", brace + 1);
    if (text[brace] == '}' || end == std::string_view::npos || text[end] == '{') {
      parsed.problem = "has a brace without its other; a brace itself is written {{ or }}";
      break;
    }
    if (end == brace + 1) {
      parsed.problem = "has braces without the name of a field in them";
      break;
    }
    parsed.literals.push_back(std::move(literal));
    literal.clear();
    parsed.fields.emplace_back(text.substr(brace + 1, end - brace - 1));
    place = end + 1;
  }
  parsed.literals.push_back(std::move(literal));
  return parsed;
}

}  // namespace freight::core
