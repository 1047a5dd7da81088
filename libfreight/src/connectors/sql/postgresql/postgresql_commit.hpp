#pragma once

#include "database/postgresql/native_connection.hpp"

namespace freight::sql {

/// Commits the open transaction. Only an answer says what became of it: without one, or with none
/// in time, throws DatabaseError or Error(commit_unknown), of category ambiguous, and the ledger
/// has to say. Throws Error(serialization_failure) when the server rolled back instead.
void commit_for_ledger(database::PostgresqlConnection& connection);

}  // namespace freight::sql
