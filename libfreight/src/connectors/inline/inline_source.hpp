#pragma once

#include <memory>

#include "freight/connector_request.hpp"
#include "freight/source.hpp"

namespace freight::connectors {

/// A source over the records that stand in the spec itself. `spec.source` must be an
/// InlineSourceSpec. Its fields are the names of all records, in the order in which they first
/// occur.
std::unique_ptr<Source> make_inline_source(const ConnectorRequest& request);

}  // namespace freight::connectors
