#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "connectors/sql/postgresql/postgresql_error_map.hpp"
#include "freight/record.hpp"

namespace freight::sql {

/// One question for all rows that are still to come: which of them does a unique key refuse?
struct DuplicateQuery {
  /// Answers with the 1-based positions of rows whose key the table has already, and of rows that
  /// an earlier one of them has the key of, with that one's position.
  std::string sql;
  /// Its parameters, one array for each column of the key.
  std::vector<std::string> arrays;
  /// The columns of the key within the batch.
  std::vector<std::size_t> columns;
};

/// nullopt when the rows alone do not tell: the job does not fill the whole key, or the key holds
/// for some rows only.
std::optional<DuplicateQuery> duplicate_query(const PostgresqlConstraint& key,
                                              const PostgresqlTable& table,
                                              const OutputBatch& batch,
                                              std::span<const std::uint32_t> rows);

}  // namespace freight::sql
