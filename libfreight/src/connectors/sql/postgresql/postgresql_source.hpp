#pragma once

#include <memory>

#include "connectors/sql/postgresql/postgresql_sessions.hpp"
#include "freight/connector.hpp"

namespace freight::sql {

/// The source `sql` for a URL `postgresql://…`, in transactions that can only read. Throws
/// Error(source_unreadable) when the URL cannot be read; nothing is opened before describe().
std::unique_ptr<Source> make_postgresql_source(const JobSpec& spec, PostgresqlPools& pools);

}  // namespace freight::sql
