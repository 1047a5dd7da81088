#pragma once

#include <functional>
#include <memory>
#include <string>

#include "database/postgresql/native_connection.hpp"
#include "freight/database_schema.hpp"

namespace freight::sql {

/// The tables of the database that the role may see: ordinary and partitioned ones, of all schemas
/// but the server's own, Freight's tables left out. Throws DatabaseError.
DatabaseSchema read_postgresql_schema(database::PostgresqlConnection& connection);

/// See open_schema_connection().
std::unique_ptr<SchemaConnection> open_postgresql_schema(const std::string& url, bool is_target,
                                                         std::function<void()> watch);

}  // namespace freight::sql
