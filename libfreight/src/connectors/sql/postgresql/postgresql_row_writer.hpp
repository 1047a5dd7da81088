#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "connectors/sql/destination/isolation.hpp"
#include "connectors/sql/destination/write_rules.hpp"
#include "connectors/sql/postgresql/copy_text.hpp"
#include "connectors/sql/postgresql/postgresql_error_map.hpp"
#include "connectors/sql/postgresql/postgresql_table.hpp"
#include "connectors/sql/postgresql/postgresql_upsert.hpp"
#include "database/postgresql/native_connection.hpp"
#include "freight/destination.hpp"

namespace freight::sql {

/// What became of the rows of one batch.
struct PostgresqlRows {
  std::uint64_t inserted = 0;
  std::uint64_t updated = 0;
  std::uint64_t unchanged = 0;
  /// In ascending order.
  std::vector<RefusedRow> refused;
};

/// Writes the rows of one batch, within the open transaction and each time under a savepoint: with
/// COPY, or where rows are to be updated by a key with one statement for all of them. Throws
/// PostgresqlError for what does not concern single rows.
class PostgresqlRowWriter final : private RowGroupWriter {
 public:
  /// `text` holds the rows already, unless the rules are to update rows by a key.
  PostgresqlRowWriter(database::PostgresqlConnection& connection, const PostgresqlTable& table,
                      const WriteRules& rules, const OutputBatch& rows, const CopyText& text);

  /// Every row that the server takes is in the table afterwards, and the transaction in order
  /// again.
  PostgresqlRows write();

 private:
  std::optional<Refusal> try_rows(std::span<const std::uint32_t> rows) override;
  Foresight foresee(const RefusedRow& culprit, std::span<const std::uint32_t> rows) override;
  std::optional<Refusal> try_copy(std::span<const std::uint32_t> rows);
  std::optional<Refusal> try_upsert(std::span<const std::uint32_t> rows);
  std::uint64_t copy(std::span<const std::uint32_t> rows);
  Refusal taken_by_trigger(std::span<const std::uint32_t> rows);
  Refusal refusal(const database::PostgresqlDiagnostics& diagnostics,
                  std::span<const std::uint32_t> rows);
  std::vector<RefusedRow> orphans(const database::PostgresqlDiagnostics& diagnostics,
                                  const PostgresqlConstraint& key,
                                  std::span<const std::uint32_t> rows);
  RecordError duplicate_error(const std::vector<std::size_t>& columns, std::uint32_t row) const;
  void settle();

  database::PostgresqlConnection& connection_;
  const PostgresqlTable& table_;
  const WriteRules& rules_;
  const OutputBatch& rows_;
  const CopyText& text_;
  PostgresqlConstraints constraints_;
  std::vector<std::string> names_;
  std::string copy_statement_;
  std::optional<PostgresqlUpsert> upsert_;
  PostgresqlRows out_;
  // What the server said of the row that it refused last.
  database::PostgresqlDiagnostics last_refusal_;
  // How often other rows were looked for that a key refuses.
  std::map<std::string, int> looks_;
  // What has to be said of the last savepoint before anything else; goes along with the next
  // statement, to save the round trip.
  std::string owed_;
};

}  // namespace freight::sql
