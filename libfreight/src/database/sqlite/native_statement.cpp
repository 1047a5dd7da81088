#include "database/sqlite/native_statement.hpp"

#include <sqlite3.h>

#include <new>
#include <utility>

#include "core/hex.hpp"
#include "database/database_error.hpp"
#include "database/sqlite/sqlite_error.hpp"

namespace freight::database {

SqliteStatement::SqliteStatement(::sqlite3* connection, std::string_view sql)
    : connection_(connection) {
  const char* rest = nullptr;
  check(sqlite3_prepare_v3(connection, sql.data(), static_cast<int>(sql.size()),
                           SQLITE_PREPARE_PERSISTENT, &statement_, &rest));
  rest_ = sql.substr(static_cast<std::size_t>(rest - sql.data()));
}

SqliteStatement::~SqliteStatement() { sqlite3_finalize(statement_); }

SqliteStatement::SqliteStatement(SqliteStatement&& other) noexcept
    : connection_(other.connection_),
      statement_(std::exchange(other.statement_, nullptr)),
      rest_(other.rest_) {}

SqliteStatement& SqliteStatement::operator=(SqliteStatement&& other) noexcept {
  std::swap(connection_, other.connection_);
  std::swap(statement_, other.statement_);
  std::swap(rest_, other.rest_);
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

void SqliteStatement::bind_blob(int parameter, std::string_view bytes) {
  if (bytes.empty()) {
    check(sqlite3_bind_zeroblob(statement_, parameter, 0));
    return;
  }
  check(sqlite3_bind_blob64(statement_, parameter, bytes.data(), bytes.size(), SQLITE_STATIC));
}

void SqliteStatement::bind_hex(int parameter, std::string_view digits) {
  const std::size_t size = digits.size() / 2;
  if (size == 0) return bind_blob(parameter, {});
  auto* const bytes = static_cast<char*>(sqlite3_malloc64(size));
  if (bytes == nullptr) throw std::bad_alloc();
  core::read_hex(digits, bytes);
  check(sqlite3_bind_blob64(statement_, parameter, bytes, size, sqlite3_free));
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

double SqliteStatement::real(int column) const { return sqlite3_column_double(statement_, column); }

std::string_view SqliteStatement::blob(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  if (bytes == nullptr) return {};
  return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

SqliteStatement::Storage SqliteStatement::storage(int column) const {
  switch (sqlite3_column_type(statement_, column)) {
    case SQLITE_INTEGER:
      return Storage::integer;
    case SQLITE_FLOAT:
      return Storage::real;
    case SQLITE_TEXT:
      return Storage::text;
    case SQLITE_BLOB:
      return Storage::blob;
    default:
      return Storage::null;
  }
}

bool SqliteStatement::only_reads() const { return sqlite3_stmt_readonly(statement_) != 0; }

int SqliteStatement::parameters() const { return sqlite3_bind_parameter_count(statement_); }

int SqliteStatement::columns() const { return sqlite3_column_count(statement_); }

std::string_view SqliteStatement::column_name(int column) const {
  const char* const name = sqlite3_column_name(statement_, column);
  return name == nullptr ? std::string_view() : std::string_view(name);
}

std::string_view SqliteStatement::declared_type(int column) const {
  const char* const type = sqlite3_column_decltype(statement_, column);
  return type == nullptr ? std::string_view() : std::string_view(type);
}

void SqliteStatement::check(int result) const {
  if (result != SQLITE_OK) throw DatabaseError(describe_sqlite(connection_));
}

}  // namespace freight::database
