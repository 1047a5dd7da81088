#pragma once

#include <string>
#include <vector>

#include "connectors/sql/postgresql/postgresql_table.hpp"
#include "database/postgresql/native_connection.hpp"

namespace freight::sql {

/// Moves the sequences that these columns own (serial and identity alike) up to the columns'
/// largest values, never down, within the open transaction. Returns a warning for each that the
/// role may not move. Throws PostgresqlError.
std::vector<std::string> sync_sequences(database::PostgresqlConnection& connection,
                                        const PostgresqlTable& table,
                                        const std::vector<std::string>& columns);

}  // namespace freight::sql
