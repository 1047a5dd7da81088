#pragma once

#include <chrono>
#include <string>

struct sqlite3;

namespace freight::database {

// The part of a session that talks to SQLite itself: SOCI wraps <sqlite3.h> in a namespace of its
// own, so the two cannot meet in one translation unit. Everything throws DatabaseError.

/// Runs one or more statements.
void run_sqlite(sqlite3* connection, const std::string& sql);

void set_extended_result_codes(sqlite3* connection);
void set_busy_timeout(sqlite3* connection, std::chrono::milliseconds timeout);

/// Turns the write-ahead log on unless it is on already. SQLite does not wait for its busy timeout
/// here, so this does.
void use_write_ahead_log(sqlite3* connection, std::chrono::milliseconds timeout);

bool sqlite_in_transaction(sqlite3* connection);

/// Gives SQL of the storage what SQLite 3.40 lacks: `freight_now()`, the host's UTC time in
/// microseconds, and `freight_bytes(hex)`, the blob of a hex text.
void add_sqlite_functions(sqlite3* connection);

}  // namespace freight::database
