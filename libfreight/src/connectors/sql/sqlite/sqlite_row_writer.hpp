#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "connectors/sql/isolation.hpp"
#include "connectors/sql/sqlite/sqlite_error_map.hpp"
#include "connectors/sql/sqlite/sqlite_insert.hpp"
#include "freight/connector.hpp"

namespace freight::sql {

/// What became of the rows of one batch.
struct SqliteRows {
  std::uint64_t inserted = 0;
  /// In ascending order.
  std::vector<RefusedRow> refused;
};

/// A trigger ended the whole transaction because of this row (RAISE(ROLLBACK)).
struct TransactionEnded {
  RefusedRow culprit;
};

/// Writes the rows of one batch within the open transaction. Throws DatabaseError for what does not
/// concern single rows, Error(cancelled | lease_lost).
class SqliteRowWriter final : private RowGroupWriter {
 public:
  SqliteRowWriter(::sqlite3* connection, const SqliteTable& table, SqliteInsert& insert,
                  const OutputBatch& rows, const ConnectorContext& context);

  /// The fast way: groups of rows, and the rows of a refused group one by one. nullopt when that
  /// cannot tell which rows got in: triggers pass over rows or end the transaction, a deferred
  /// foreign key is violated, or a refused row may refer to a later one. The transaction must then
  /// be rolled back and begun anew.
  std::optional<SqliteRows> write_grouped();

  /// The sure way: under savepoints, with a look at what really happened after each row. `excluded`
  /// rows are left out and returned as refused. Throws TransactionEnded.
  SqliteRows write_isolated_from(std::vector<RefusedRow> excluded);

 private:
  bool write_group(std::size_t first, SqliteRows& out);
  bool write_single(std::size_t row, SqliteRows& out);
  /// The error of the row that was just refused; throws when the failure is not about the row.
  RecordError refusal(int result, std::size_t row);

  std::optional<Refusal> try_rows(std::span<const std::uint32_t> rows) override;
  std::optional<Refusal> insert_under_savepoint(std::span<const std::uint32_t> rows);

  ::sqlite3* connection_;
  const SqliteTable& table_;
  SqliteInsert& insert_;
  const OutputBatch& rows_;
  const ConnectorContext& context_;
  SqliteRefusals refusals_;
};

}  // namespace freight::sql
