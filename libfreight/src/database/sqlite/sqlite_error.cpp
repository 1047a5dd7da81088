#include "database/sqlite/sqlite_error.hpp"

#include <sqlite3.h>

namespace freight::database {
namespace {

Condition constraint_of(int extended) {
  switch (extended) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
      return Condition::unique;
    case SQLITE_CONSTRAINT_FOREIGNKEY:
      return Condition::foreign_key;
    case SQLITE_CONSTRAINT_NOTNULL:
      return Condition::not_null;
    case SQLITE_CONSTRAINT_CHECK:
      return Condition::check;
    case SQLITE_CONSTRAINT_DATATYPE:
      return Condition::data;
    default:
      return Condition::constraint;
  }
}

Condition condition_of(int extended) {
  switch (extended & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return Condition::busy;
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return Condition::denied;
    case SQLITE_READONLY:
      return Condition::read_only;
    case SQLITE_FULL:
      return Condition::full;
    case SQLITE_IOERR:
      // SQLite calls only ENOSPC "full". A quota or a limit on the size of files is an I/O error to
      // it, and little else refuses a write.
      return extended == SQLITE_IOERR_WRITE || extended == SQLITE_IOERR_SHMSIZE ? Condition::full
                                                                                : Condition::other;
    case SQLITE_CANTOPEN:
      return Condition::missing;
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
      return Condition::damaged;
    case SQLITE_CONSTRAINT:
      return constraint_of(extended);
    case SQLITE_MISMATCH:
    case SQLITE_RANGE:
    case SQLITE_TOOBIG:
      return Condition::data;
    case SQLITE_INTERRUPT:
      return Condition::timeout;
    default:
      return Condition::other;
  }
}

}  // namespace

DatabaseFailure describe_sqlite(int result_code, std::string text) {
  if (text.empty()) text = sqlite3_errstr(result_code);
  auto condition = condition_of(result_code);
  // "no such table" has no code of its own.
  if ((result_code & 0xff) == SQLITE_ERROR && text.find("no such ") != std::string::npos) {
    condition = Condition::missing;
  }
  return {.condition = condition,
          .sqlstate = {},
          .native_code = result_code,
          .text = std::move(text),
          .session_lost = false};
}

DatabaseFailure describe_sqlite(sqlite3* connection) {
  return describe_sqlite(sqlite3_extended_errcode(connection), sqlite3_errmsg(connection));
}

}  // namespace freight::database
