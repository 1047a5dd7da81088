#pragma once

#include <string>

#include "core/spec/json_value.hpp"

namespace freight::core::spec {

/// JobSpec::identity of a resolved document.
std::string identity_of(const JsonObject& resolved);

/// JobSpec::load_identity of a resolved document.
std::string load_identity_of(const JsonObject& resolved);

}  // namespace freight::core::spec
