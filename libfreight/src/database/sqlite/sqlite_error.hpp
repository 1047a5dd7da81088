#pragma once

#include <string>

#include "database/database_error.hpp"

struct sqlite3;

namespace freight::database {

/// What an (extended) result code of SQLite means.
DatabaseFailure describe_sqlite(int result_code, std::string text);

/// The last failure of a connection.
DatabaseFailure describe_sqlite(sqlite3* connection);

}  // namespace freight::database
