#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "connectors/sql/destination/ledger.hpp"
#include "connectors/sql/table_name.hpp"
#include "database/postgresql/native_connection.hpp"

namespace freight::sql {

/// `text` as a literal that means the same whatever the session's settings are.
std::string postgresql_literal(std::string_view text);

/// The ledger table of a PostgreSQL database, within the connection's open transaction. Throws
/// PostgresqlError.
class PostgresqlLedger {
 public:
  PostgresqlLedger(database::PostgresqlConnection& connection, const TableName& name);

  /// Makes it when it is missing. Throws Error(ledger_denied) with the statements that would make
  /// it when the role may not, when it may not use the one that is there, or when that is no
  /// ledger.
  void make();
  bool exists();

  /// The statement that inserts the row, or nothing when the unit is in it already. It waits for a
  /// writer of the same unit that has not committed yet.
  std::string insert_statement(std::string_view job_id, const LedgerRow& row) const;
  std::optional<LedgerRow> find(std::string_view job_id, std::string_view unit);
  void update(std::string_view job_id, const LedgerRow& row);

  /// The job has written something.
  bool has_units(std::string_view job_id);
  /// The rows that the job's units wrote.
  std::uint64_t rows_written(std::string_view job_id);

  /// Says that the job has completed its load; again and again if need be.
  void complete(std::string_view job_id, std::string_view target, std::string_view load_hash);
  std::optional<EarlierLoad> find_load(std::string_view job_id, std::string_view target,
                                       std::string_view load_hash);
  /// Throws Error(already_loaded, partly_loaded) when another job has made this load or begun it,
  /// and keeps others from beginning it until the transaction ends. Without a hash nothing is done.
  void refuse_load_of_others(std::string_view job_id, std::string_view target,
                             std::string_view load_hash);

 private:
  [[noreturn]] void deny(const std::string& reason);
  void check_columns();
  void check_rights();

  database::PostgresqlConnection& connection_;
  TableName name_;
  std::string quoted_;
};

}  // namespace freight::sql
