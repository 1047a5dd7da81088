#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include "freight/codes.hpp"

namespace freight::database {

/// What a database answered, in words that both backends share.
enum class Condition {
  unavailable,    ///< not reached, or the connection broke; an outage
  busy,           ///< locked by another session beyond the time to wait
  serialization,  ///< asks to run the transaction again (also deadlocks)
  timeout,        ///< the statement ran longer than allowed
  denied,         ///< user, password or right
  full,           ///< no room left
  read_only,
  missing,  ///< no such database, schema, table or column
  damaged,  ///< not a database, or a broken one
  unique,
  foreign_key,
  not_null,
  check,
  constraint,  ///< any other constraint
  data,        ///< a value that the column does not take
  ambiguous,   ///< the connection broke while COMMIT was under way
  other,
};

/// One failure of a database. `text` is the server's own message: no SQL, no bound values but those
/// that the server itself quotes, no secrets.
struct DatabaseFailure {
  Condition condition = Condition::other;
  /// Of PostgreSQL; empty otherwise.
  std::string sqlstate;
  /// SQLite's extended result code; 0 otherwise.
  int native_code = 0;
  std::string text;
  /// The session cannot be used any more.
  bool session_lost = false;

  Category category() const;
  /// The server is there, and has no connection left.
  bool has_no_room() const { return sqlstate == "53300"; }
  bool outage() const { return condition == Condition::unavailable; }
};

Category category_of(Condition condition);

/// What everything on this floor throws when a database fails. Its callers give it a code of
/// theirs; it never leaves the library.
class DatabaseError : public std::runtime_error {
 public:
  explicit DatabaseError(DatabaseFailure failure)
      : std::runtime_error(failure.text), failure_(std::move(failure)) {}

  const DatabaseFailure& failure() const { return failure_; }
  Condition condition() const { return failure_.condition; }

 private:
  DatabaseFailure failure_;
};

}  // namespace freight::database
