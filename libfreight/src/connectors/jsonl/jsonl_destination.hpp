#pragma once

#include <memory>

#include "freight/connector_request.hpp"
#include "freight/destination.hpp"

namespace freight::connectors {

/// A file of JSON objects, one a line, in the source's order. Throws as
/// file::make_file_destination().
std::unique_ptr<Destination> make_jsonl_destination(const ConnectorRequest& request);

}  // namespace freight::connectors
