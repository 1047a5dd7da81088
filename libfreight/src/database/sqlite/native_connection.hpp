#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

struct sqlite3;

namespace freight::database {

/// How many rows the last INSERT put in by itself, triggers' rows left out.
std::uint64_t sqlite_changes(::sqlite3* connection);

/// True when the open transaction could not be committed because of a foreign key.
bool sqlite_has_deferred_violations(::sqlite3* connection);

/// How many parameters one statement may have.
std::size_t sqlite_parameter_limit(::sqlite3* connection);

/// The byte of the last statement's text at which its compilation failed, if that is known.
std::optional<std::size_t> sqlite_error_offset(::sqlite3* connection);

/// The collation with which a table's column is compared.
std::string sqlite_column_collation(::sqlite3* connection, const std::string& table,
                                    const std::string& column);

/// An empty database in memory, for looking at what a statement would make.
class SqliteScratch {
 public:
  SqliteScratch();
  ~SqliteScratch();
  SqliteScratch(const SqliteScratch&) = delete;
  SqliteScratch& operator=(const SqliteScratch&) = delete;

  ::sqlite3* connection() const { return connection_; }

 private:
  ::sqlite3* connection_ = nullptr;
};

/// While it lives the connection waits for another's lock up to `timeout`, and no longer than
/// `keep_waiting` (asked every few milliseconds, must not throw) answers true. Afterwards it does
/// not wait at all.
class SqliteBusyWait {
 public:
  SqliteBusyWait(::sqlite3* connection, std::chrono::milliseconds timeout,
                 std::function<bool()> keep_waiting);
  ~SqliteBusyWait();
  SqliteBusyWait(const SqliteBusyWait&) = delete;
  SqliteBusyWait& operator=(const SqliteBusyWait&) = delete;

 private:
  static int on_busy(void* self, int count);

  ::sqlite3* connection_;
  std::chrono::milliseconds timeout_;
  std::function<bool()> keep_waiting_;
  std::chrono::steady_clock::time_point began_;
};

/// While it lives a statement that runs long ends with SQLITE_INTERRUPT (`timeout`) once
/// `keep_going` answers false; it must not throw.
class SqliteProgressWatch {
 public:
  SqliteProgressWatch(::sqlite3* connection, std::function<bool()> keep_going);
  ~SqliteProgressWatch();
  SqliteProgressWatch(const SqliteProgressWatch&) = delete;
  SqliteProgressWatch& operator=(const SqliteProgressWatch&) = delete;

 private:
  static int on_progress(void* self);

  ::sqlite3* connection_;
  std::function<bool()> keep_going_;
};

}  // namespace freight::database
