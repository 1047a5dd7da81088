#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "connectors/sql/sqlite/sqlite_table.hpp"
#include "database/sqlite/native_statement.hpp"
#include "freight/record.hpp"

namespace freight::sql {

/// The prepared INSERTs for one set of columns: one for a group of rows, one for a single row; with
/// rules that update rows by a key a group is a single row. A refused statement leaves nothing
/// behind (OR ABORT wins over what the table's constraints say of conflicts). Used by the
/// connection's thread. Throws DatabaseError when the statements cannot be prepared.
class SqliteInsert {
 public:
  SqliteInsert(::sqlite3* connection, const SqliteTable& table,
               const std::vector<OutputColumn>& columns, const WriteRules& rules);

  /// True when it was made for these columns.
  bool fits(const std::vector<OutputColumn>& columns) const;

  /// How many rows one statement of insert_group() takes.
  std::size_t group_size() const { return group_size_; }

  /// The rows [first, first + group_size()). Returns SQLite's extended result code: SQLITE_DONE
  /// when all is well. What the connection says of a failure stands until finish().
  int insert_group(const OutputBatch& rows, std::size_t first);
  int insert_one(const OutputBatch& rows, std::size_t row);

  /// What the last insert_one() did, to be asked before finish(); nullopt when a trigger took the
  /// row away.
  enum class Effect : std::uint8_t { inserted, updated, unchanged };
  std::optional<Effect> effect() const;

  /// To be called after each insert.
  void finish() noexcept;

  /// Throws the DatabaseError of a table that has changed so that the statement does not fit it.
  void prepare_again() const;

 private:
  void bind_row(database::SqliteStatement& statement, int first_parameter, const Value* values);

  ::sqlite3* connection_;
  std::vector<std::string> names_;
  std::vector<SqliteAffinity> affinities_;
  // Of upserts: where the key's columns are among the others.
  std::vector<std::size_t> key_;
  std::size_t group_size_;
  std::string single_sql_;
  database::SqliteStatement single_;
  database::SqliteStatement group_;
  // Of upserts: whether there is a row with the key.
  std::optional<database::SqliteStatement> lookup_;
  bool known_ = false;
};

}  // namespace freight::sql
