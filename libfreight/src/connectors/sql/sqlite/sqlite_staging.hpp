#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/sql/sqlite/sqlite_table.hpp"

namespace freight::sql {

/// The staging table of a job that replaces the rows of `target`, used within an open transaction
/// that holds the write lock. Throws DatabaseError.
class SqliteStaging {
 public:
  SqliteStaging(::sqlite3* connection, const SqliteTable& target, std::string_view job_id);

  /// Without quotes.
  const std::string& name() const { return name_; }

  bool exists();
  /// Its rows were exchanged before, as leave_mark() says.
  bool is_marked();

  /// Throws Error(destination_busy) when another job is replacing the table.
  void refuse_others();

  /// Makes it like the target, with its defaults, checks, unique keys and foreign keys.
  void make();

  std::uint64_t count();

  /// Puts its rows in place of the target's; where other tables refer to the target rows keep their
  /// place by the primary key. `columns` are those that the job fills. Throws
  /// Error(destination_failed) when rows are left that refer to one that is gone.
  void exchange(const std::vector<std::string>& columns);

  void drop();
  /// Drops it and leaves an empty table as the sign that the rows were exchanged.
  void leave_mark();

 private:
  std::string upsert_clause() const;

  ::sqlite3* connection_;
  const SqliteTable& target_;
  std::string job_id_;
  std::string name_;
  std::string quoted_;
};

/// Throws Error(destination_failed) when the rows of the table cannot be exchanged by a job that
/// fills these columns.
void require_exchangeable(const SqliteTable& target, const std::vector<std::string>& columns);

/// What follows the name that a statement text begins with, quoted or not.
std::string_view after_name(std::string_view text);

}  // namespace freight::sql
