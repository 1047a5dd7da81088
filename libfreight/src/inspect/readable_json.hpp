#pragma once

#include <string>

#include "core/spec/json_value.hpp"

namespace freight::inspect {

/// JSON for people: what fits into a line stands on one, the rest is indented by two spaces. Ends
/// with a line end.
std::string readable_json(const core::spec::JsonValue& value);

}  // namespace freight::inspect
