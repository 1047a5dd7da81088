#include "database/sqlite/native_statement.hpp"

#include <sqlite3.h>

#include <utility>

#include "database/database_error.hpp"
#include "database/sqlite/sqlite_error.hpp"

namespace freight::database {

SqliteStatement::SqliteStatement(::sqlite3* connection, std::string_view sql)
    : connection_(connection) {
  check(sqlite3_prepare_v3(connection, sql.data(), static_cast<int>(sql.size()),
                           SQLITE_PREPARE_PERSISTENT, &statement_, nullptr));
}

SqliteStatement::~SqliteStatement() { sqlite3_finalize(statement_); }

SqliteStatement::SqliteStatement(SqliteStatement&& other) noexcept
    : connection_(other.connection_), statement_(std::exchange(other.statement_, nullptr)) {}

SqliteStatement& SqliteStatement::operator=(SqliteStatement&& other) noexcept {
  std::swap(connection_, other.connection_);
  std::swap(statement_, other.statement_);
  return *this;
}

void SqliteStatement::bind_text(int parameter, std::string_view text) {
  // A null pointer would be NULL; an empty text is not.
  const char* bytes = text.data() == nullptr ? "" : text.data();
  check(sqlite3_bind_text64(statement_, parameter, bytes, text.size(), SQLITE_STATIC, SQLITE_UTF8));
}

void SqliteStatement::bind_integer(int parameter, std::int64_t value) {
  check(sqlite3_bind_int64(statement_, parameter, value));
}

void SqliteStatement::bind_real(int parameter, double value) {
  check(sqlite3_bind_double(statement_, parameter, value));
}

void SqliteStatement::bind_null(int parameter) { check(sqlite3_bind_null(statement_, parameter)); }

bool SqliteStatement::step() {
  const int result = sqlite3_step(statement_);
  if (result == SQLITE_ROW) return true;
  if (result == SQLITE_DONE) return false;
  // The text first: reset() would keep it, but what follows in other hands may not.
  DatabaseError error(describe_sqlite(connection_));
  sqlite3_reset(statement_);
  throw error;
}

int SqliteStatement::try_step() noexcept { return sqlite3_step(statement_); }

void SqliteStatement::reset() noexcept { sqlite3_reset(statement_); }

std::string_view SqliteStatement::text(int column) const {
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  if (bytes == nullptr) return {};
  return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

std::int64_t SqliteStatement::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}

bool SqliteStatement::is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

void SqliteStatement::check(int result) const {
  if (result != SQLITE_OK) throw DatabaseError(describe_sqlite(connection_));
}

}  // namespace freight::database
