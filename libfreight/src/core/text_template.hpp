#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace freight::core {

/// A text with `{field}` in it, and `{{` and `}}` for braces, taken apart.
struct TextTemplate {
  /// The fields in their order; one may stand several times.
  std::vector<std::string> fields;
  /// The texts around them: one more than there are fields.
  std::vector<std::string> literals;
  /// What is wrong with its braces, as in "has braces without the name of a field in them"; empty
  /// when nothing is. Fields and literals are those before the fault then.
  std::string problem;
};

TextTemplate parse_template(std::string_view text);

}  // namespace freight::core
