#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "freight/destination.hpp"

namespace freight::sql {

/// A row that the destination does not take, and why.
struct RefusedRow {
  /// Its index in the OutputBatch.
  std::uint32_t row = 0;
  RecordError error;
  /// `skipped` when the job says so of rows in conflict.
  Outcome outcome = Outcome::rejected;
};

/// A row that is not sent because another one of its batch has the same key; only when that one is
/// refused it is this one's turn.
struct HeldRow {
  std::uint32_t row = 0;
  /// What becomes of it when the other one was written: refused with this error, or, without one,
  /// overtaken.
  std::optional<RecordError> error;
  Outcome outcome = Outcome::rejected;
};

/// By the row that each of them waits for; chains of them are allowed.
using HeldRows = std::unordered_map<std::uint32_t, HeldRow>;

/// Why rows could not be written together.
struct Refusal {
  /// Those of the rows that are known to be refused, in any order; empty when it is not known which
  /// of them are.
  std::vector<RefusedRow> culprits;
  /// The one culprit is the first bad row: those before it are good.
  bool earlier_are_good = false;
  /// The error as it stands, for when a single row remains.
  RecordError error;
  /// The outcome that goes with it.
  Outcome outcome = Outcome::rejected;
};

/// What is known of rows that were not tried yet.
struct Foresight {
  /// Those that are surely refused, in ascending order.
  std::vector<RefusedRow> culprits;
  HeldRows held;
};

/// Writes rows together, all or none of them.
class RowGroupWriter {
 public:
  virtual ~RowGroupWriter() = default;
  /// nullopt when all were written. `rows` are indices into the batch.
  virtual std::optional<Refusal> try_rows(std::span<const std::uint32_t> rows) = 0;
  /// Whether others of the rows, which come next, will be refused for the reason that `culprit` was
  /// just refused for. The rows before it were written. The default knows nothing.
  virtual Foresight foresee(const RefusedRow& culprit, std::span<const std::uint32_t> rows);
};

struct IsolationOptions {
  /// Rows refused by a foreign key are tried again after all the others, as long as that lets at
  /// least one in: their parent may be among the rows.
  bool retry_foreign_keys = false;
  /// Rows that wait for others; none of them is among the rows to be written.
  HeldRows held;
};

struct Isolated {
  /// In ascending order.
  std::vector<RefusedRow> refused;
  /// Rows that another one with the same key was written in place of.
  std::uint64_t overtaken = 0;
};

/// Writes every row that the destination takes, in ascending order. However many are bad, the rows
/// that are sent stay within a small multiple of their number: after a refusal the next group is as
/// large as the last stretch of good rows, and twice that after each success.
Isolated write_isolated(RowGroupWriter& writer, std::vector<std::uint32_t> rows,
                        IsolationOptions options);

/// The refused rows as the engine takes them, by ordinal.
std::vector<WriteException> write_exceptions(const OutputBatch& batch,
                                             std::vector<RefusedRow> refused);

}  // namespace freight::sql
