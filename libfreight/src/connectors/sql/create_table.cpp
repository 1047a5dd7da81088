#include "connectors/sql/create_table.hpp"

#include <algorithm>

#include "connectors/sql/table_name.hpp"
#include "freight/error.hpp"

namespace freight::sql {
namespace {

bool contains(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

std::string create_table_statement(std::string_view name, const PrepareRequest& request,
                                   ColumnType column_type) {
  if (request.columns.empty()) {
    throw Error(Code::destination_failed,
                "create_table cannot make " + std::string(name) +
                    ": the job's columns are not known before its source is read.",
                {.hint = "Give the job a schema or a mapping, or make the table yourself."});
  }
  std::string statement = "CREATE TABLE IF NOT EXISTS " + std::string(name) + " (";
  for (const OutputColumn& column : request.columns) {
    if (statement.back() != '(') statement += ", ";
    statement += quote_identifier(column.name);
    statement += ' ';
    statement += column_type(column.typed ? column.type : ValueType::string);
    // SQLite takes NULL in a primary key unless it is told not to.
    if (contains(request.required, column.name) || contains(request.primary_key, column.name)) {
      statement += " NOT NULL";
    }
  }
  if (!request.primary_key.empty()) {
    statement += ", PRIMARY KEY (";
    for (const std::string& column : request.primary_key) {
      if (statement.back() != '(') statement += ", ";
      statement += quote_identifier(column);
    }
    statement += ')';
  }
  statement += ')';
  return statement;
}

}  // namespace freight::sql
