#pragma once

#include <memory>

#include "connectors/sql/postgresql/postgresql_sessions.hpp"
#include "freight/connector_request.hpp"
#include "freight/destination.hpp"

namespace freight::sql {

/// The destination `sql` for a URL `postgresql://…`. Throws Error(destination_failed) when the
/// spec's URL, table or ledger cannot be read; nothing is opened before prepare(). Each concurrent
/// call has a connection of `pools`. Works behind a transaction pooler: nothing relies on the state
/// of a session.
std::unique_ptr<Destination> make_postgresql_destination(const ConnectorRequest& request,
                                                         PostgresqlPools& pools);

}  // namespace freight::sql
