#include "connectors/sql/create_table.hpp"

#include <algorithm>

#include "connectors/sql/table_name.hpp"
#include "connectors/sql/write_rules.hpp"
#include "core/contains.hpp"
#include "freight/error.hpp"
#include "mapping/field_names.hpp"

namespace freight::sql {
namespace {

using core::contains;

}  // namespace

TableKeys keys_to_be(const PrepareRequest& request, const std::vector<std::string>& wanted_key) {
  const auto merge_key = mapping::spelled_as(column_names(request.columns), wanted_key);
  if (request.primary_key.empty()) return {.primary = merge_key, .unique = {}};
  TableKeys keys{.primary = request.primary_key, .unique = {}};
  if (!same_columns(keys.primary, merge_key)) keys.unique = merge_key;
  return keys;
}

std::string create_table_statement(std::string_view name, const PrepareRequest& request,
                                   const std::vector<std::string>& merge_key,
                                   ColumnType column_type) {
  if (request.columns.empty()) {
    throw Error(Code::destination_failed,
                "create_table cannot make " + std::string(name) +
                    ": the job's columns are not known before its source is read.",
                {.hint = "Give the job a schema or a mapping, or make the table yourself."});
  }
  const TableKeys keys = keys_to_be(request, merge_key);
  std::string statement = "CREATE TABLE IF NOT EXISTS " + std::string(name) + " (";
  for (const OutputColumn& column : request.columns) {
    if (statement.back() != '(') statement += ", ";
    statement += quote_identifier(column.name);
    statement += ' ';
    statement += column_type(column.typed ? column.type : ValueType::string);
    // SQLite takes NULL in a primary key unless it is told not to.
    if (contains(request.required, column.name) || contains(keys.primary, column.name)) {
      statement += " NOT NULL";
    }
  }
  if (!keys.primary.empty()) statement += ", PRIMARY KEY (" + quoted_list(keys.primary) + ')';
  if (!keys.unique.empty()) statement += ", UNIQUE (" + quoted_list(keys.unique) + ')';
  statement += ')';
  return statement;
}

}  // namespace freight::sql
