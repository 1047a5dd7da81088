#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "connectors/sql/destination/ledger.hpp"

struct sqlite3;

namespace freight::sql {

/// The ledger table of an SQLite database. Used by the connection's thread, which holds the write
/// lock where it writes. Throws DatabaseError.
class SqliteLedger {
 public:
  /// `table` is the ledger's name, without quotes.
  SqliteLedger(::sqlite3* connection, std::string_view table);

  /// Makes it when it is missing. Throws Error(ledger_denied) when a table of that name is no
  /// ledger.
  void make();
  /// False when there is none. Throws as make().
  bool exists();

  /// False when the unit is in it already.
  bool insert(std::string_view job_id, const LedgerRow& row);
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
  /// Throws Error(already_loaded, partly_loaded) when another job has made this load or begun it;
  /// the write lock keeps others from beginning it meanwhile. Without a hash nothing is done.
  void refuse_load_of_others(std::string_view job_id, std::string_view target,
                             std::string_view load_hash);

 private:
  ::sqlite3* connection_;
  std::string name_;
  std::string quoted_;
};

}  // namespace freight::sql
