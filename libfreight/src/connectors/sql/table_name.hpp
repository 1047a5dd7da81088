#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace freight::sql {

/// The name of a table, without quotes, in upper and lower case as written.
struct TableName {
  /// Empty when none was given.
  std::string schema;
  std::string table;
  /// The name was written in double quotes: it is meant letter by letter.
  bool quoted = false;
};

/// Reads `table`, `schema.table`, `"Odd.Name"` or `schema."Odd.Name"`; a quote within quotes is
/// doubled. Throws Error(destination_failed) naming `what` ("table", "ledger") for anything else.
TableName parse_table_name(std::string_view text, std::string_view what);

/// The same; nullopt for anything else.
std::optional<TableName> read_table_name(std::string_view text);

/// `name` in double quotes, as both PostgreSQL and SQLite take it whatever it holds.
std::string quote_identifier(std::string_view name);
/// The names in double quotes, with commas between them.
std::string quoted_list(const std::vector<std::string>& names);
/// `"schema"."table"`, or `"table"`, for statements.
std::string quote_table(const TableName& name);
/// `schema.table` or `table`, for messages.
std::string display_table(const TableName& name);

}  // namespace freight::sql
