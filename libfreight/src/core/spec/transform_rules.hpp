#pragma once

#include <vector>

#include "core/spec/object_reader.hpp"
#include "freight/job_spec.hpp"

namespace freight::core::spec {

/// Reads `transform` of a mapping entry and adds it to the resolved entry.
std::vector<Transform> read_transforms(ObjectReader& entry);

}  // namespace freight::core::spec
