#pragma once

#include <memory>

#include "connectors/sql/postgresql/postgresql_sessions.hpp"
#include "freight/connector_request.hpp"
#include "freight/source.hpp"

namespace freight::sql {

/// The source `sql` for a URL `postgresql://…`, in transactions that can only read. Throws
/// Error(source_unreadable) when the URL cannot be read; nothing is opened before describe().
std::unique_ptr<Source> make_postgresql_source(const ConnectorRequest& request,
                                               PostgresqlPools& pools);

}  // namespace freight::sql
