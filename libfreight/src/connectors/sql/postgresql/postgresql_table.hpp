#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/sql/table_name.hpp"
#include "database/postgresql/native_connection.hpp"
#include "freight/connector.hpp"

namespace freight::sql {

/// A table as the server's catalog has it.
struct PostgresqlTable {
  std::string oid;
  /// With its schema, exactly as they are.
  TableName name;
  bool unlogged = false;
  /// A record may refer to another one of the same table.
  bool refers_to_itself = false;
  DestinationCatalog catalog;
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

/// The catalog of the table that create_table would make.
DestinationCatalog catalog_to_be(const PrepareRequest& request);

}  // namespace freight::sql
