#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/sql/sqlite/sqlite_table.hpp"
#include "database/database_error.hpp"
#include "freight/destination.hpp"
#include "freight/error.hpp"

namespace freight::sql {

/// destination_error() with what only SQLite's result codes tell.
Error sqlite_destination_error(const database::DatabaseFailure& failure, std::string_view doing);

/// True for the result codes that speak of the rows of a statement and not of the database.
bool is_sqlite_refusal(int result_code);

/// Turns a refused row's failure into its error. Used by the connection's thread.
class SqliteRefusals {
 public:
  SqliteRefusals(::sqlite3* connection, const SqliteTable& table) noexcept
      : connection_(connection), table_(table) {}

  RecordError error_of(const database::DatabaseFailure& failure, const OutputBatch& rows,
                       std::size_t row);

  /// The columns of the unique key that the failure is about, as the table names them; empty when
  /// it is about something else.
  std::vector<std::string> conflict_columns(const database::DatabaseFailure& failure) const;

  /// The error of a row that refers to one which is not there; nullopt when there are all.
  std::optional<RecordError> orphan(const OutputBatch& rows, const Value* values);

 private:
  RecordError unique(const database::DatabaseFailure& failure, const OutputBatch& rows,
                     const Value* values) const;
  RecordError of_column(Code code, const database::DatabaseFailure& failure,
                        const OutputBatch& rows, const Value* values) const;
  RecordError foreign_key(const OutputBatch& rows, const Value* values);
  bool has_parent(const SqliteForeignKey& key, const OutputBatch& rows, const Value* values);
  const std::vector<std::string>& parent_columns(const SqliteForeignKey& key);

  ::sqlite3* connection_;
  const SqliteTable& table_;
  // Primary keys of the tables that a foreign key names without columns.
  std::map<std::string, std::vector<std::string>> parent_keys_;
};

}  // namespace freight::sql
