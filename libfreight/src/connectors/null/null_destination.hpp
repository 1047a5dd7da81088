#pragma once

#include <memory>

#include "freight/connector.hpp"

namespace freight::connectors {

/// A destination that takes any column, counts the rows and drops them: for dry runs and
/// benchmarks.
std::unique_ptr<Destination> make_null_destination(const JobSpec& spec, JobId job_id);

}  // namespace freight::connectors
