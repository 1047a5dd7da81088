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

/// One question for all rows of a batch at once: which of them lack their parent? Of a key that
/// refers to its own table: which of them have it neither there nor among these rows.
struct OrphanQuery {
  /// Answers with the 1-based positions of the rows.
  std::string sql;
  /// Its parameters, one array for each column of the key, and of the key that it refers to where
  /// that is in the same rows.
  std::vector<std::string> arrays;
  /// The columns of the key within the batch.
  std::vector<std::size_t> columns;
};

/// nullopt when the rows alone do not tell: the job does not fill the whole key (or, in the same
/// table, the key that it refers to), or a key that is NULL in part counts.
std::optional<OrphanQuery> orphan_query(const PostgresqlConstraint& key, const OutputBatch& batch,
                                        std::span<const std::uint32_t> rows);

/// Values as the text of a PostgreSQL array.
std::string postgresql_array(const OutputBatch& batch, std::span<const std::uint32_t> rows,
                             std::size_t column);

}  // namespace freight::sql
