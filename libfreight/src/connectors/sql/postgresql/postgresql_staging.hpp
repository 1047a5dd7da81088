#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/sql/postgresql/postgresql_table.hpp"
#include "database/postgresql/native_connection.hpp"

namespace freight::sql {

/// The staging table of a job that replaces the rows of `target`, within the connection's open
/// transaction. Throws PostgresqlError.
class PostgresqlStaging {
 public:
  PostgresqlStaging(database::PostgresqlConnection& connection, const PostgresqlTable& target,
                    std::string_view job_id);

  const TableName& name() const { return name_; }

  /// Keeps others from replacing the same table until the transaction ends.
  void lock();

  bool exists();
  /// Its rows were exchanged before, as leave_mark() says.
  bool is_marked();

  /// Throws Error(destination_busy) when another job is replacing the table.
  void refuse_others();

  /// Makes it: the target's columns, defaults, checks, unique keys and foreign keys.
  void make();

  std::uint64_t count();

  /// Puts its rows in place of the target's. Readers see the old rows until the transaction is
  /// committed; others who write wait. Where tables refer to the target rows keep their place by
  /// the primary key. `columns` are those that the job fills.
  void exchange(const std::vector<std::string>& columns);

  void drop();
  /// Drops it and leaves an empty table as the sign that the rows were exchanged.
  void leave_mark();

 private:
  std::vector<std::string> tables_beside();
  void add_foreign_keys();
  void drop_slow_indexes();
  std::string upsert_clause(const std::vector<std::string>& columns) const;

  database::PostgresqlConnection& connection_;
  const PostgresqlTable& target_;
  std::string job_id_;
  TableName name_;
  std::string quoted_;
};

/// Throws Error(destination_failed) when the rows of the table cannot be exchanged by a job that
/// fills these columns.
void require_exchangeable(const PostgresqlTable& target, const std::vector<std::string>& columns);

}  // namespace freight::sql
