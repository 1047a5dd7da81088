#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "connectors/sql/destination/isolation.hpp"
#include "connectors/sql/destination/write_rules.hpp"
#include "connectors/sql/source/keyed_rows.hpp"
#include "connectors/sql/sqlite/sqlite_error_map.hpp"
#include "connectors/sql/sqlite/sqlite_insert.hpp"
#include "freight/destination.hpp"

namespace freight::sql {

/// What became of the rows of one batch.
struct SqliteRows {
  std::uint64_t inserted = 0;
  std::uint64_t updated = 0;
  std::uint64_t unchanged = 0;
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
  /// `insert` was made for the same rules and for the columns of the rows.
  SqliteRowWriter(::sqlite3* connection, const SqliteTable& table, const WriteRules& rules,
                  SqliteInsert& insert, const OutputBatch& rows, const ConnectorContext& context);

  /// The fast way: groups of rows, and the rows of a refused group one by one. nullopt when that
  /// cannot tell which rows got in: triggers pass over rows or end the transaction, a deferred
  /// foreign key is violated, or a refused row may refer to a later one. The transaction must then
  /// be rolled back and begun anew.
  std::optional<SqliteRows> write_grouped();

  /// The sure way: under savepoints, with a look at what really happened after each row. `excluded`
  /// rows are left out and returned as refused. Throws TransactionEnded.
  SqliteRows write_isolated_from(std::vector<RefusedRow> excluded);

 private:
  void look_at_own_keys_late();
  bool write_all(SqliteRows& out);
  bool write_last_of_each_key(SqliteRows& out);
  bool write_group(std::size_t first, SqliteRows& out);
  bool write_single(std::size_t row, SqliteRows& out);
  /// The row that was just refused; throws when the failure is not about the row.
  RefusedRow refusal(int result, std::size_t row);
  KeyedRows rows_to_send(const std::vector<RefusedRow>& excluded) const;
  void look_around(std::size_t row);

  std::optional<Refusal> try_rows(std::span<const std::uint32_t> rows) override;
  std::optional<Refusal> insert_under_savepoint(std::span<const std::uint32_t> rows,
                                                SqliteRows& written);

  ::sqlite3* connection_;
  const SqliteTable& table_;
  const WriteRules& rules_;
  SqliteInsert& insert_;
  const OutputBatch& rows_;
  const ConnectorContext& context_;
  SqliteRefusals refusals_;
  // What was written under savepoints and stays.
  SqliteRows isolated_;
  std::size_t next_look_ = 0;
};

}  // namespace freight::sql
