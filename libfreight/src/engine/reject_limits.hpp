#pragma once

#include <optional>

#include "freight/job.hpp"
#include "freight/job_spec.hpp"

namespace freight::engine {

/// The failure of a job with more rejects than its spec allows, counted from where its limits last
/// began anew; nullopt while there are not too many.
std::optional<Failure> too_many_rejects(const Job& job, const ErrorLimits& limits);

/// True when there is something to look at.
bool has_reject_limits(const ErrorLimits& limits);

}  // namespace freight::engine
