#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "freight/database_schema.hpp"

struct sqlite3;

namespace freight::sql {

/// The tables of the database: all but SQLite's own and Freight's. Throws DatabaseError.
DatabaseSchema read_sqlite_schema(::sqlite3* connection);

/// The CHECKs of a table, which SQLite keeps nowhere but in its CREATE TABLE.
std::vector<TableCheck> sqlite_checks(std::string_view create_table);

/// What a CREATE TABLE says that a DatabaseTable does not; a few words each.
std::vector<std::string> sqlite_left_out(std::string_view create_table);

/// See open_schema_connection().
std::unique_ptr<SchemaConnection> open_sqlite_schema(const std::string& url, bool create);

}  // namespace freight::sql
