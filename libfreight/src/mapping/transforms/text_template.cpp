#include "mapping/transforms/text_template.hpp"

#include <string>
#include <utility>

#include "freight/error.hpp"

namespace freight::mapping {

core::TextTemplate text_template(std::string_view text) {
  core::TextTemplate parsed = core::parse_template(text);
  if (parsed.problem.empty()) return parsed;
  throw Error(Code::invalid_value,
              "The template \"" + std::string(text) + "\" " + parsed.problem + '.');
}

}  // namespace freight::mapping
