#pragma once

#include <span>
#include <string_view>

namespace freight {

/// One step of the state schema, compiled in from storage/<backend>/migrations/NNNN_name.sql.
struct EmbeddedMigration {
  int version;            ///< NNNN, counted from 1 without a gap.
  std::string_view name;  ///< What stands between the number and ".sql".
  std::string_view sql;   ///< The whole file; it may hold many statements.
};

/// The migrations of a backend by ascending version. Defined only in the library of that backend.
[[nodiscard]] std::span<const EmbeddedMigration> sqlite_migrations();
[[nodiscard]] std::span<const EmbeddedMigration> postgresql_migrations();

}  // namespace freight
