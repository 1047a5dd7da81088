#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/spec/environment.hpp"

namespace freight::core::spec {

/// A template taken apart: `{field}`, with `{{` and `}}` for braces.
struct TemplateParts {
  /// The names within braces, in their order; one may stand several times.
  std::vector<std::string> fields;
  /// What is wrong with it; empty when nothing is.
  std::string problem;
};
TemplateParts parse_template(std::string_view text);

/// The text of a template with its placeholders replaced. Braces that come from the environment are
/// braces.
std::string template_text(const SpecText& text);

}  // namespace freight::core::spec
