#pragma once

#include <string>
#include <vector>

#include "connectors/sql/source/source_shape.hpp"

struct sqlite3;

namespace freight::sql {

/// Sets key, primary key and required fields of a table's shape: the columns of `wanted`, else the
/// primary key, else the rowid. Throws Error(key_not_unique | missing_header) and DatabaseError.
void set_sqlite_table_key(::sqlite3* connection, const std::string& table,
                          const std::vector<std::string>& wanted, SourceShape& shape);

}  // namespace freight::sql
