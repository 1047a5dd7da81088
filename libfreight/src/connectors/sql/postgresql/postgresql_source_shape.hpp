#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "connectors/sql/source/source_shape.hpp"
#include "database/postgresql/native_connection.hpp"
#include "freight/job_spec.hpp"

namespace freight::sql {

/// What values of the type with this OID are read as; of one that Freight does not know, as texts.
std::optional<ValueType> postgresql_value_type(std::uint32_t type);

/// Looks at the table, view or query of the spec, in a transaction that is under way. `display`
/// names the database in messages. Throws Error(source_not_found | source_unreadable |
/// key_not_unique | missing_header | duplicate_header) and DatabaseError.
SourceShape look_at_postgresql_source(database::PostgresqlConnection& connection,
                                      const SqlSourceSpec& spec, const std::string& display);

}  // namespace freight::sql
