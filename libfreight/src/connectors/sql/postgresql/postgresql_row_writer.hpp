#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "connectors/sql/isolation.hpp"
#include "connectors/sql/postgresql/copy_text.hpp"
#include "connectors/sql/postgresql/postgresql_error_map.hpp"
#include "connectors/sql/postgresql/postgresql_table.hpp"
#include "database/postgresql/native_connection.hpp"
#include "freight/connector.hpp"

namespace freight::sql {

/// Writes the rows of one batch with COPY, within the open transaction and each time under a
/// savepoint. Throws PostgresqlError for what does not concern single rows.
class PostgresqlRowWriter final : private RowGroupWriter {
 public:
  /// `text` holds the rows already.
  PostgresqlRowWriter(database::PostgresqlConnection& connection, const PostgresqlTable& table,
                      const OutputBatch& rows, const CopyText& text);

  /// Every row that the server takes is in the table afterwards; returns the others, in ascending
  /// order. The transaction is in order again.
  std::vector<RefusedRow> write();

 private:
  std::optional<Refusal> try_rows(std::span<const std::uint32_t> rows) override;
  std::uint64_t copy(std::span<const std::uint32_t> rows);
  Refusal refusal(const database::PostgresqlDiagnostics& diagnostics,
                  std::span<const std::uint32_t> rows);
  std::vector<RefusedRow> orphans(const database::PostgresqlDiagnostics& diagnostics,
                                  const PostgresqlConstraint& key,
                                  std::span<const std::uint32_t> rows);
  void settle();

  database::PostgresqlConnection& connection_;
  const PostgresqlTable& table_;
  const OutputBatch& rows_;
  const CopyText& text_;
  PostgresqlConstraints constraints_;
  std::vector<std::string> names_;
  std::string copy_statement_;
  // What has to be said of the last savepoint before anything else; goes along with the next
  // statement, to save the round trip.
  std::string owed_;
};

}  // namespace freight::sql
