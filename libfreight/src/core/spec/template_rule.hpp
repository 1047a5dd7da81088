#pragma once

#include <string>
#include <string_view>

#include "core/spec/environment.hpp"

namespace freight::core::spec {

/// What is wrong with a mapping entry's template; empty when nothing is.
std::string template_problem(std::string_view text);

/// The text of a template with its placeholders replaced. Braces that come from the environment are
/// braces.
std::string template_text(const SpecText& text);

}  // namespace freight::core::spec
