#include "database/sqlite/native_connection.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <thread>
#include <utility>

#include "database/sqlite/sqlite_error.hpp"

namespace freight::database {
namespace {

// How many of SQLite's virtual machine instructions run between two looks: well below a
// millisecond.
constexpr int progress_interval = 20'000;

}  // namespace

std::uint64_t sqlite_changes(::sqlite3* connection) {
  return static_cast<std::uint64_t>(sqlite3_changes64(connection));
}

bool sqlite_has_deferred_violations(::sqlite3* connection) {
  int current = 0;
  int highest = 0;
  sqlite3_db_status(connection, SQLITE_DBSTATUS_DEFERRED_FKS, &current, &highest, 0);
  return current != 0;
}

std::size_t sqlite_parameter_limit(::sqlite3* connection) {
  return static_cast<std::size_t>(sqlite3_limit(connection, SQLITE_LIMIT_VARIABLE_NUMBER, -1));
}

std::optional<std::size_t> sqlite_error_offset(::sqlite3* connection) {
  const int offset = sqlite3_error_offset(connection);
  if (offset < 0) return std::nullopt;
  return static_cast<std::size_t>(offset);
}

std::string sqlite_column_collation(::sqlite3* connection, const std::string& table,
                                    const std::string& column) {
  const char* collation = nullptr;
  const int result =
      sqlite3_table_column_metadata(connection, "main", table.c_str(), column.c_str(), nullptr,
                                    &collation, nullptr, nullptr, nullptr);
  if (result != SQLITE_OK) throw DatabaseError(describe_sqlite(connection));
  return collation == nullptr ? "BINARY" : collation;
}

SqliteScratch::SqliteScratch() {
  const int result = sqlite3_open(":memory:", &connection_);
  if (result != SQLITE_OK) {
    sqlite3_close(connection_);
    throw DatabaseError(describe_sqlite(result, ""));
  }
}

SqliteScratch::~SqliteScratch() { sqlite3_close(connection_); }

SqliteBusyWait::SqliteBusyWait(::sqlite3* connection, std::chrono::milliseconds timeout,
                               std::function<bool()> keep_waiting)
    : connection_(connection), timeout_(timeout), keep_waiting_(std::move(keep_waiting)) {
  sqlite3_busy_handler(connection_, &SqliteBusyWait::on_busy, this);
}

SqliteBusyWait::~SqliteBusyWait() { sqlite3_busy_handler(connection_, nullptr, nullptr); }

int SqliteBusyWait::on_busy(void* self, int count) {
  auto& wait = *static_cast<SqliteBusyWait*>(self);
  const auto now = std::chrono::steady_clock::now();
  if (count == 0) wait.began_ = now;
  if (now - wait.began_ >= wait.timeout_ || !wait.keep_waiting_()) return 0;
  // SQLite has no queue of its own: short looks, or a writer that never pauses starves this one.
  std::this_thread::sleep_for(std::chrono::milliseconds(std::min(count + 1, 5)));
  return 1;
}

SqliteProgressWatch::SqliteProgressWatch(::sqlite3* connection, std::function<bool()> keep_going)
    : connection_(connection), keep_going_(std::move(keep_going)) {
  sqlite3_progress_handler(connection_, progress_interval, &SqliteProgressWatch::on_progress, this);
}

SqliteProgressWatch::~SqliteProgressWatch() {
  sqlite3_progress_handler(connection_, 0, nullptr, nullptr);
}

int SqliteProgressWatch::on_progress(void* self) {
  return static_cast<SqliteProgressWatch*>(self)->keep_going_() ? 0 : 1;
}

}  // namespace freight::database
