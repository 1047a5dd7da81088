#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "connectors/sql/postgresql/postgresql_table.hpp"
#include "database/postgresql/native_connection.hpp"
#include "freight/record.hpp"

namespace freight::sql {

/// What a statement did, by the server's own count.
struct UpsertCounts {
  /// Rows with a key of their own: fewer than were sent when the server takes some keys for the
  /// same; of these the last row counts.
  std::uint64_t keys = 0;
  std::uint64_t inserted = 0;
  std::uint64_t updated = 0;
};

/// Inserts rows, or updates those whose key the table has, in one statement.
class PostgresqlUpsert {
 public:
  /// `key` is a unique key of the table.
  PostgresqlUpsert(const PostgresqlTable& table, const std::vector<OutputColumn>& columns,
                   const UniqueKey& key);

  /// Within the open transaction; all rows or none. A row that is there with equal values is left
  /// as it is. Throws PostgresqlError.
  UpsertCounts run(database::PostgresqlConnection& connection, const OutputBatch& batch,
                   std::span<const std::uint32_t> rows) const;

  /// Those of the rows whose keys the table does not have.
  std::vector<std::uint32_t> missing(database::PostgresqlConnection& connection,
                                     const OutputBatch& batch,
                                     std::span<const std::uint32_t> rows) const;

 private:
  std::string statement_;
  std::string missing_query_;
  std::vector<std::size_t> key_columns_;
};

}  // namespace freight::sql
