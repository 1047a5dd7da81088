#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "connectors/sql/destination/isolation.hpp"

namespace freight::sql {

/// The rows of a batch as `merge` sends them: the last one of each key.
struct KeyedRows {
  /// In ascending order.
  std::vector<std::uint32_t> rows;
  /// The earlier rows of a key wait for the later one, the latest of them first.
  HeldRows overtaken;
  /// Rows with NULL in the key.
  std::vector<RefusedRow> refused;
};

/// Keys are the same when their texts are; two texts that only the database takes for the same key
/// are left to it. Throws Error(destination_failed) when the rows lack a column of the key.
KeyedRows last_of_each_key(const OutputBatch& batch, const std::vector<std::string>& key);

}  // namespace freight::sql
