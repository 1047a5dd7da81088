#pragma once

#include <optional>

#include "core/spec/json_value.hpp"
#include "core/spec/location.hpp"
#include "core/spec/spec_reading.hpp"
#include "freight/job_spec.hpp"

namespace freight::core::spec {

/// Reads the arguments of a transform that takes some; nullopt after a report.
std::optional<Transform> read_transform_arguments(SpecReading& reading, TransformKind kind,
                                                  const JsonValue& value, const Location& location);

}  // namespace freight::core::spec
