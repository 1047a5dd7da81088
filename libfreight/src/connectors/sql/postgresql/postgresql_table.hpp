#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/sql/destination/write_rules.hpp"
#include "connectors/sql/table_name.hpp"
#include "database/postgresql/native_connection.hpp"
#include "freight/destination.hpp"

namespace freight::sql {

/// The bytes that a typmod counts beside what it is about.
inline constexpr std::int64_t typmod_header = 4;

/// A table as the server's catalog has it.
struct PostgresqlTable {
  std::string oid;
  /// With its schema, exactly as they are.
  TableName name;
  /// create_table has made it just now, or would make it.
  bool is_new = false;
  bool unlogged = false;
  /// A record may refer to another one of the same table.
  bool refers_to_itself = false;
  /// Triggers look at rows before they are put in, and may take them away.
  bool has_row_triggers = false;
  /// Another table's foreign key refers to this one.
  bool is_referred_to = false;
  DestinationCatalog catalog;
  /// Of each column of the catalog: the type without its length or precision, for a cast that cuts
  /// nothing off.
  std::vector<std::string> cast_types;
  /// Of each column of the catalog: the words of its enum, quoted; empty for another type.
  std::vector<std::string> enum_words;
  /// Columns GENERATED ALWAYS AS IDENTITY: they take values when told to, and no updates.
  std::vector<std::string> identity_always;
  /// Whole, unconditional and immediate ones.
  std::vector<UniqueKey> unique_keys;

  /// Of the columns that take values of their own.
  std::vector<std::string> column_names() const;
  /// "text" for a column that the table lacks: the server says so better.
  std::string_view cast_type(std::string_view column) const;
  /// Empty for a column that is no enum.
  std::string_view enum_words_of(std::string_view column) const;
  bool is_identity_always(std::string_view column) const;
};

/// Reads a table; nullopt when there is none of that name. Without a schema it is looked for along
/// the search path; a name without quotes also as SQL would fold it, in lower case. Throws
/// Error(destination_failed) for a view and whatever else COPY cannot fill exactly once.
std::optional<PostgresqlTable> read_postgresql_table(database::PostgresqlConnection& connection,
                                                     const TableName& name);

/// The names of the tables that the role can see, for finding the nearest one.
std::vector<std::string> postgresql_table_names(database::PostgresqlConnection& connection,
                                                const TableName& like);

/// The type of a new table's column.
std::string_view postgresql_column_type(ValueType type);

/// The catalog of the table that create_table would make with this primary key.
DestinationCatalog catalog_to_be(const PrepareRequest& request,
                                 const std::vector<std::string>& primary_key);

}  // namespace freight::sql
