#pragma once

#include <memory>

#include "freight/connector_request.hpp"
#include "freight/destination.hpp"

namespace freight::sql {

/// The destination `sql` for a URL `sqlite:<path>`. Throws Error(destination_failed) when the
/// spec's URL, table or ledger cannot be read; nothing is opened before prepare().
///
/// SQLite has one writer at a time. Within the object writes pass one by one through a lane of
/// their own, so that waiting costs nothing; other objects and processes are kept apart by the
/// file's own lock, taken with BEGIN IMMEDIATE. The file's journal mode is left as it is.
std::unique_ptr<Destination> make_sqlite_destination(const ConnectorRequest& request);

}  // namespace freight::sql
