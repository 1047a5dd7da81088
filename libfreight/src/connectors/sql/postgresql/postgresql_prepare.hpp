#pragma once

#include <optional>
#include <string>
#include <vector>

#include "connectors/sql/destination/write_rules.hpp"
#include "connectors/sql/postgresql/postgresql_sessions.hpp"
#include "connectors/sql/postgresql/postgresql_table.hpp"
#include "connectors/sql/table_name.hpp"
#include "freight/connector_spec.hpp"
#include "freight/destination.hpp"

namespace freight::sql {

/// What a job's spec says of a PostgreSQL destination.
struct PostgresqlTarget {
  database::Url url;
  TableName table;
  WriteRules rules;
  bool create_table = false;
  bool sync_sequences = true;
  std::string job_id;
  /// nullopt for a job without a ledger; without a schema it stands beside the table.
  std::optional<TableName> ledger;
};

/// Reads the spec. Throws Error(destination_failed).
PostgresqlTarget postgresql_target(const JobSpec& spec, JobId job_id);

/// True when this job has exchanged the rows of the table already, within the open transaction.
bool replacement_is_done(database::PostgresqlConnection& connection, const PostgresqlTarget& target,
                         const PostgresqlTable& table);

/// The ledger's name, with its schema; nullopt for a job without one.
std::optional<TableName> ledger_name(const PostgresqlTarget& target, const PostgresqlTable& table);

/// Makes the table of a job that is to make it, within the open transaction. Throws
/// Error(destination_denied | destination_failed).
void create_postgresql_table(database::PostgresqlConnection& connection,
                             const PostgresqlTarget& target, const PrepareRequest& request);

/// The table as it is, within the open transaction. Throws Error(table_not_found), naming the
/// nearest one.
PostgresqlTable find_postgresql_table(database::PostgresqlConnection& connection,
                                      const PostgresqlTarget& target);

/// The spec's rules with the key of a merge as the table has it. Throws Error(key_not_unique |
/// unknown_column).
WriteRules rules_for(const PostgresqlTarget& target, const PostgresqlTable& table);

/// Makes table and ledger where they are missing, in one transaction, and returns the table; a
/// read-only request makes nothing, and gets a missing table as it would be made. Others may do the
/// same at the same time. Throws Error(table_not_found | ledger_denied | already_loaded |
/// destination_denied …) and DatabaseError.
PostgresqlTable prepare_postgresql(PostgresqlSession& session, const PostgresqlTarget& target,
                                   const PrepareRequest& request);

}  // namespace freight::sql
