#pragma once

#include "connectors/sql/source/source_shape.hpp"
#include "freight/job_spec.hpp"

struct sqlite3;

namespace freight::sql {

/// Looks at the table, view or query of the spec. A table without a primary key is read by its
/// rowid. `display` names the database in messages. Throws Error(source_not_found |
/// source_unreadable | key_not_unique | missing_header | duplicate_header) and DatabaseError.
SourceShape look_at_sqlite_source(::sqlite3* connection, const SqlSourceSpec& spec,
                                  const std::string& display);

/// What a column with this declared type mostly holds; nullopt for one without a type.
std::optional<ValueType> sqlite_value_type(std::string_view declared_type);

}  // namespace freight::sql
