#pragma once

#include <memory>

#include "freight/connector_request.hpp"
#include "freight/source.hpp"

namespace freight::sql {

/// The source `sql` for a URL `sqlite:<path>`, opened for reading only. Throws
/// Error(source_unreadable) when the URL cannot be read; nothing is opened before describe().
std::unique_ptr<Source> make_sqlite_source(const ConnectorRequest& request);

}  // namespace freight::sql
