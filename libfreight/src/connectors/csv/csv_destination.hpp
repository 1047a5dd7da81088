#pragma once

#include <memory>

#include "freight/connector_request.hpp"
#include "freight/destination.hpp"

namespace freight::connectors {

/// A CSV file in the source's order, with a header unless the spec does without. Throws as
/// file::make_file_destination().
std::unique_ptr<Destination> make_csv_destination(const ConnectorRequest& request);

}  // namespace freight::connectors
