#pragma once

#include <chrono>
#include <memory>
#include <string_view>

#include "database/session.hpp"

struct sqlite3;

namespace freight::database {

/// In a Url: a database that is gone with its session.
inline constexpr std::string_view sqlite_memory_path = ":memory:";

struct SqliteOptions {
  /// How long to wait for another session's lock.
  std::chrono::milliseconds busy_timeout{5000};
  /// Only for databases of our own: the journal mode of anybody else's is not ours to change.
  bool write_ahead_log = false;
  bool read_only = false;
  /// Make the file when it is missing (never its folder).
  bool create = false;
  /// Look whether what a row refers to is there.
  bool foreign_keys = true;
};

/// Opens the database with synchronous=FULL and extended result codes. Throws
/// DatabaseError with a text that names the path and what is wrong with it: a missing folder or
/// file, a directory, no right to read or write, not a database, a locked one.
std::unique_ptr<Session> open_sqlite_session(const Url& url, const SqliteOptions& options = {});

/// The native connection, owned by the session. For translation units that include <sqlite3.h> and
/// nothing of SOCI.
::sqlite3* sqlite_handle(Session& session);

}  // namespace freight::database
