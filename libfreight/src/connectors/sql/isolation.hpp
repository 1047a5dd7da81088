#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "freight/connector.hpp"

namespace freight::sql {

/// A row that the destination refuses, and why.
struct RefusedRow {
  /// Its index in the OutputBatch.
  std::uint32_t row = 0;
  RecordError error;
};

/// Why rows could not be written together.
struct Refusal {
  /// Those of the rows that are known to be refused, in any order; empty when it is not known which
  /// of them are.
  std::vector<RefusedRow> culprits;
  /// The one culprit is the first bad row: those before it are good.
  bool earlier_are_good = false;
  /// The error as it stands, for when a single row remains.
  RecordError error;
};

/// Writes rows together, all or none of them.
class RowGroupWriter {
 public:
  virtual ~RowGroupWriter() = default;
  /// nullopt when all were written. `rows` are indices into the batch.
  virtual std::optional<Refusal> try_rows(std::span<const std::uint32_t> rows) = 0;
};

/// Writes every row that the destination takes and returns the others, in ascending order. However
/// many are bad, the rows that are sent stay within a small multiple of their number: after a
/// refusal the next group is as large as the last stretch of good rows, and twice that after each
/// success. With `retry_foreign_keys` rows refused by a foreign key are tried again after all the
/// others, as long as that lets at least one in: their parent may be among the rows.
std::vector<RefusedRow> write_isolated(RowGroupWriter& writer, std::vector<std::uint32_t> rows,
                                       bool retry_foreign_keys);

/// The refused rows as the engine takes them, by ordinal.
std::vector<WriteException> write_exceptions(const OutputBatch& batch,
                                             std::vector<RefusedRow> refused);

}  // namespace freight::sql
