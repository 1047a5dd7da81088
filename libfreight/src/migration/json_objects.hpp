#pragma once

#include <string_view>

#include "core/spec/json_value.hpp"

namespace freight::migration {

/// Of a text that was checked before; empty for one that is no object.
core::spec::JsonObject object_of(std::string_view json);
/// The value of a key, which is added as null when it is not there.
core::spec::JsonValue& member(core::spec::JsonObject& object, std::string_view key);
/// The object of a key, in place of whatever else it is.
core::spec::JsonObject& section(core::spec::JsonObject& object, std::string_view key);

}  // namespace freight::migration
