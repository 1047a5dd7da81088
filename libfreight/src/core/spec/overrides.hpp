#pragma once

#include <string>

#include "core/spec/findings.hpp"
#include "core/spec/json_value.hpp"

namespace freight::core::spec {

/// Sets what `pointer` (RFC 6901) names in `document` to `text`, read as JSON when it is JSON and
/// as a string when not. Object members on the way are made when missing; `-` or the length of an
/// array appends to it. What does not fit goes to `findings`.
void apply_override(JsonValue& document, const std::string& pointer, const std::string& text,
                    Findings& findings);

}  // namespace freight::core::spec
