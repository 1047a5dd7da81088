#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "connectors/sql/postgresql/postgresql_table.hpp"
#include "database/postgresql/native_connection.hpp"
#include "freight/destination.hpp"

namespace freight::sql {

/// The code of a record that the server refuses with this SQLSTATE.
Code postgresql_refusal_code(std::string_view sqlstate);

/// True when a COPY that was under way failed because of its rows, and not because the server, its
/// machine or the connection is in trouble.
bool is_postgresql_refusal(const database::PostgresqlError& error);

/// What a constraint (or a unique index) is about.
struct PostgresqlConstraint {
  std::vector<std::string> columns;
  /// As the server would write it.
  std::string definition;
  /// Of a foreign key: the other table, quoted and as people write it, its columns, the types of
  /// this table's columns, and whether it refers to this very table.
  std::string parent;
  std::string parent_name;
  std::vector<std::string> parent_columns;
  std::vector<std::string> types;
  bool refers_to_itself = false;
  /// A unique key that holds for all rows.
  bool is_whole_key = false;
  /// MATCH FULL: a key that is NULL in part is refused too.
  bool match_full = false;
};

/// Looks constraints up by what an error says of them, each once. Throws PostgresqlError.
class PostgresqlConstraints {
 public:
  explicit PostgresqlConstraints(database::PostgresqlConnection& connection)
      : connection_(connection) {}

  /// True when find() needs no look at the server, for which the transaction must be in order.
  bool knows(const database::PostgresqlDiagnostics& diagnostics) const;
  const PostgresqlConstraint& find(const database::PostgresqlDiagnostics& diagnostics);

 private:
  using Key = std::pair<std::string, std::string>;
  static Key key_of(const database::PostgresqlDiagnostics& diagnostics);
  PostgresqlConstraint read(const database::PostgresqlDiagnostics& diagnostics);
  void read_index(const database::PostgresqlDiagnostics& diagnostics, PostgresqlConstraint& found);

  database::PostgresqlConnection& connection_;
  std::map<Key, PostgresqlConstraint> known_;
};

/// The error of a row, from what the server said of it. `column` is the one that COPY's context
/// names; empty when it names none. `constraint` is the one that the diagnostics name, if any.
RecordError postgresql_record_error(const database::PostgresqlDiagnostics& diagnostics,
                                    std::string_view column, const PostgresqlConstraint& constraint,
                                    const PostgresqlTable& table, const OutputBatch& rows,
                                    std::size_t row);

}  // namespace freight::sql
