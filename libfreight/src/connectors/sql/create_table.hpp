#pragma once

#include <string>
#include <string_view>

#include "freight/connector.hpp"

namespace freight::sql {

/// The type that a backend gives to a column of a table that it makes.
using ColumnType = std::string_view (*)(ValueType type);

/// `CREATE TABLE IF NOT EXISTS` for `create_table`: the columns that the job fills, untyped ones as
/// text, NOT NULL and PRIMARY KEY as the schema has them. `name` is quoted already. Throws
/// Error(destination_failed) when the job's columns are not known before it reads.
std::string create_table_statement(std::string_view name, const PrepareRequest& request,
                                   ColumnType column_type);

}  // namespace freight::sql
