#pragma once

#include <memory>

#include "connectors/sql/postgresql/postgresql_sessions.hpp"
#include "freight/connector.hpp"

namespace freight::sql {

/// The destination `sql` for a URL `postgresql://…`. Throws Error(destination_failed) when the
/// spec's URL, table or ledger cannot be read; nothing is opened before prepare(). Each concurrent
/// call has a connection of `pools`. Works behind a transaction pooler: nothing relies on the state
/// of a session.
std::unique_ptr<Destination> make_postgresql_destination(const JobSpec& spec, JobId job_id,
                                                         PostgresqlPools& pools);

}  // namespace freight::sql
