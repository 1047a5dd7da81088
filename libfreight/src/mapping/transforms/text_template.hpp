#pragma once

#include <string_view>

#include "core/text_template.hpp"

namespace freight::mapping {

/// Throws Error(invalid_value) for a template whose braces are no pairs, or are empty: specs that
/// were read from JSON have none.
core::TextTemplate text_template(std::string_view text);

}  // namespace freight::mapping
