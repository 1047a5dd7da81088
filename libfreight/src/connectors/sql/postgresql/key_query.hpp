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

/// One question about a key of many rows at once.
struct KeyQuery {
  std::string sql;
  /// Its parameters, one array for each column of the key, and of the key that it refers to where
  /// that is in the same rows.
  std::vector<std::string> arrays;
  /// The columns of the key within the batch.
  std::vector<std::size_t> columns;
};

/// Which of the rows that are still to come does a unique key refuse? Answers with the 1-based
/// positions of rows whose key the table has already, and of rows that an earlier one of them has
/// the key of, with that one's position. nullopt when the rows alone do not tell: the job does not
/// fill the whole key, or the key holds for some rows only.
std::optional<KeyQuery> duplicate_query(const PostgresqlConstraint& key,
                                        const PostgresqlTable& table, const OutputBatch& batch,
                                        std::span<const std::uint32_t> rows);

/// Which of the rows lack their parent? Of a key that refers to its own table: which of them have
/// it neither there nor among these rows. Answers with their 1-based positions. nullopt when the
/// rows alone do not tell: the job does not fill the whole key (or, in the same table, the key that
/// it refers to), or a key that is NULL in part counts.
std::optional<KeyQuery> orphan_query(const PostgresqlConstraint& key, const OutputBatch& batch,
                                     std::span<const std::uint32_t> rows);

/// Values as the text of a PostgreSQL array.
std::string postgresql_array(const OutputBatch& batch, std::span<const std::uint32_t> rows,
                             std::size_t column);

}  // namespace freight::sql
