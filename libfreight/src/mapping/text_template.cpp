#include "mapping/text_template.hpp"

#include "freight/error.hpp"

namespace freight::mapping {

TextTemplate::TextTemplate(std::string_view text) : literals_(1) {
  std::size_t place = 0;
  while (place < text.size()) {
    const std::size_t brace = text.find_first_of("{}", place);
    literals_.back() += text.substr(place, brace - place);
    if (brace == std::string_view::npos) return;
    if (text.substr(brace + 1, 1) == text.substr(brace, 1)) {
      literals_.back() += text[brace];
      place = brace + 2;
      continue;
    }
    const std::size_t end = text.find_first_of("{}", brace + 1);
    if (text[brace] == '}' || end == std::string_view::npos || text[end] == '{' || end == brace + 1)
      throw Error(Code::invalid_value,
                  "The template \"" + std::string(text) + "\" has a brace that is of no {field}.",
                  {.hint = "A brace itself is written {{ or }}."});
    fields_.emplace_back(text.substr(brace + 1, end - brace - 1));
    literals_.emplace_back();
    place = end + 1;
  }
}

}  // namespace freight::mapping
