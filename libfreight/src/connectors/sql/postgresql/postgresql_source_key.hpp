#pragma once

#include <string_view>

#include "connectors/sql/source/source_shape.hpp"
#include "database/postgresql/native_connection.hpp"

namespace freight::sql {

/// Sets key, primary key and required fields of a relation's shape: the columns of `wanted`, else
/// the primary key, else none. Of a relation that has no indexes (a view, a foreign table) the key
/// is trusted. Throws Error(key_not_unique | missing_header) and DatabaseError.
void set_postgresql_table_key(database::PostgresqlConnection& connection, std::string_view oid,
                              const std::vector<std::string>& wanted, SourceShape& shape);

/// Names the types to which the key's bounds are cast, where they have none, by the described
/// columns.
void name_postgresql_key_types(database::PostgresqlConnection& connection,
                               const database::PostgresqlResult& columns, SourceShape& shape);

}  // namespace freight::sql
