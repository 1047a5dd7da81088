#include "freight/database_schema.hpp"

#include <algorithm>

#include "connectors/sql/table_name.hpp"

namespace freight {

std::string DatabaseTable::display() const {
  return sql::display_table({.schema = visible ? "" : schema, .table = name});
}

std::string DatabaseTable::quoted() const {
  return sql::quote_table({.schema = visible ? "" : schema, .table = name});
}

const DatabaseTable* DatabaseSchema::find(std::string_view schema, std::string_view name) const {
  const auto found = std::find_if(tables.begin(), tables.end(), [&](const DatabaseTable& table) {
    return table.name == name && (schema.empty() ? table.visible : table.schema == schema);
  });
  return found == tables.end() ? nullptr : &*found;
}

}  // namespace freight
