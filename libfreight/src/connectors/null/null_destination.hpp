#pragma once

#include <memory>

#include "freight/connector_request.hpp"
#include "freight/destination.hpp"

namespace freight::connectors {

/// A destination that takes any column, counts the rows and drops them: for dry runs and
/// benchmarks.
std::unique_ptr<Destination> make_null_destination(const ConnectorRequest& request);

}  // namespace freight::connectors
