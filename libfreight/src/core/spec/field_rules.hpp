#pragma once

#include <chrono>

#include "core/spec/object_reader.hpp"
#include "freight/job_spec.hpp"

namespace freight::core::spec {

/// Reads one element of `schema.fields`, its constraints included. `timezone` is that of bounds
/// without a zone.
SchemaField read_field(ObjectReader& field, std::chrono::minutes timezone);

}  // namespace freight::core::spec
