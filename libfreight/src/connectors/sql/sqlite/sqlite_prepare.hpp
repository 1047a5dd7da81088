#pragma once

#include <optional>
#include <string>

#include "connectors/sql/destination/write_rules.hpp"
#include "connectors/sql/sqlite/sqlite_table.hpp"
#include "connectors/sql/table_name.hpp"
#include "database/session.hpp"
#include "freight/connector_spec.hpp"
#include "freight/destination.hpp"

namespace freight::sql {

/// What a job's spec says of an SQLite destination.
struct SqliteTarget {
  database::Url url;
  TableName table;
  WriteRules rules;
  bool create_table = false;
  bool check_foreign_keys = true;
  std::string job_id;
  /// nullopt for a job without a ledger.
  std::optional<TableName> ledger;
};

/// Reads the spec. Throws Error(destination_failed).
SqliteTarget sqlite_target(const JobSpec& spec, JobId job_id);

/// What makes the table that is missing. Throws Error(table_not_found) when SQLite has no such
/// schema.
std::string create_statement(const SqliteTarget& target, const PrepareRequest& request);

/// True when this job has exchanged the rows of the table already.
bool replacement_is_done(::sqlite3* connection, const SqliteTarget& target,
                         const SqliteTable& table);

/// The table as it is. Throws Error(table_not_found), naming the nearest one.
SqliteTable find_sqlite_table(::sqlite3* connection, const SqliteTarget& target);

/// The spec's rules with the key of a merge as the table has it. Throws Error(key_not_unique |
/// unknown_column).
WriteRules rules_for(const SqliteTarget& target, const SqliteTable& table);

/// Makes table and ledger where they are missing, in one transaction, and returns the table. Throws
/// Error(table_not_found | ledger_denied | already_loaded …) and DatabaseError.
SqliteTable prepare_sqlite(database::Session& session, const SqliteTarget& target,
                           const PrepareRequest& request);

/// The same without touching anything: a table that is missing is returned as it would be made.
SqliteTable look_at_sqlite(const SqliteTarget& target, const PrepareRequest& request);

}  // namespace freight::sql
