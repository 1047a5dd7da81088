#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "connectors/sql/destination/write_rules.hpp"
#include "freight/destination.hpp"

namespace freight::sql {

/// The type that a backend gives to a column of a table that it makes.
using ColumnType = std::string_view (*)(ValueType type);

/// The keys of a table that `create_table` makes.
struct TableKeys {
  /// The schema's; without one the key of a merge.
  std::vector<std::string> primary;
  /// The key of a merge when it is another one; else empty.
  std::vector<std::string> unique;
};

TableKeys keys_to_be(const PrepareRequest& request, const WriteRules& rules);

/// `CREATE TABLE IF NOT EXISTS` for `create_table`: the columns that the job fills, untyped ones as
/// text, NOT NULL and PRIMARY KEY as the schema has them, and a key for a merge. `name` is quoted
/// already. Throws Error(destination_failed) when the job's columns are not known before it reads.
std::string create_table_statement(std::string_view name, const PrepareRequest& request,
                                   const WriteRules& rules, ColumnType column_type);

/// Adds what a table that was made from a source's catalog does not have as the source has it:
/// columns that became text, and dates with times that got a zone.
void warn_of_changed_types(const PrepareRequest& request, ColumnType column_type,
                           std::vector<std::string>& warnings);

}  // namespace freight::sql
