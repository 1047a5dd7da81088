#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "connectors/sql/destination/write_rules.hpp"
#include "connectors/sql/table_name.hpp"
#include "freight/destination.hpp"

struct sqlite3;

namespace freight::sql {

/// What SQLite makes of a value that is stored in a column (its "affinity").
enum class SqliteAffinity : std::uint8_t { text, numeric, integer, real, none };

struct SqliteColumn {
  DestinationColumn column;
  SqliteAffinity affinity = SqliteAffinity::none;
};

/// A reference from the columns of this table to another's; `to` is empty when it means that
/// table's primary key.
struct SqliteForeignKey {
  std::string table;
  std::vector<std::string> from;
  std::vector<std::string> to;
};

/// A table as the database's catalog has it.
struct SqliteTable {
  std::string name;
  /// create_table has made it just now, or would make it.
  bool is_new = false;
  std::vector<SqliteColumn> columns;
  std::vector<std::string> primary_key;
  std::vector<SqliteForeignKey> foreign_keys;
  /// Whole and unconditional ones.
  std::vector<UniqueKey> unique_keys;
  /// Another table's foreign key refers to this one.
  bool is_referred_to = false;
  /// Rows have a rowid that grows with each insert.
  bool has_rowid = true;

  /// nullptr when there is no such column; names match in upper and lower case alike.
  const SqliteColumn* find(std::string_view column) const;
  /// True when a record may refer to another one of the same table.
  bool refers_to_itself() const;
  /// Of the columns that take values.
  std::vector<std::string> column_names() const;
  /// The names as the table has them; one that it lacks stays as it is.
  std::vector<std::string> own_names(const std::vector<std::string>& names) const;
  DestinationCatalog catalog() const;
};

/// Reads a table; nullopt when there is none of that name. Throws Error(destination_failed) for a
/// view, a virtual or a shadow table, and DatabaseError.
std::optional<SqliteTable> read_sqlite_table(::sqlite3* connection, const TableName& name);

/// The names of all tables of the database.
std::vector<std::string> sqlite_table_names(::sqlite3* connection);

/// The type of a new table's column.
std::string_view sqlite_column_type(ValueType type);

/// The affinity of a declared type, by SQLite's rules.
SqliteAffinity sqlite_affinity(std::string_view declared_type);

}  // namespace freight::sql
