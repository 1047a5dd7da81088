#include "connectors/sql/postgresql/postgresql_prepare.hpp"

#include <array>
#include <utility>

#include "connectors/sql/destination/catalog_names.hpp"
#include "connectors/sql/destination/create_table.hpp"
#include "connectors/sql/destination/refusal.hpp"
#include "connectors/sql/destination/staging.hpp"
#include "connectors/sql/destination/write_rules.hpp"
#include "connectors/sql/postgresql/postgresql_ledger.hpp"
#include "connectors/sql/postgresql/postgresql_names.hpp"
#include "connectors/sql/postgresql/postgresql_staging.hpp"
#include "core/nearest_name.hpp"
#include "freight/error.hpp"

namespace freight::sql {
namespace {

using database::PostgresqlConnection;
using database::PostgresqlError;
using Parameter = PostgresqlConnection::Parameter;

constexpr int most_races = 10;

// Two sessions that make the same table at once: IF NOT EXISTS does not keep them apart.
bool is_lost_race(const PostgresqlError& error) {
  const std::string& state = error.diagnostics().sqlstate;
  return state == "23505" || state == "42P07" || state == "42710" || state == "40P01";
}

[[noreturn]] void throw_table_not_found(PostgresqlConnection& connection,
                                        const PostgresqlTarget& target) {
  const std::vector<std::string> names = postgresql_table_names(connection, target.table);
  const std::string_view nearest = core::nearest_name(display_table(target.table), names);
  std::string hint = nearest.empty() ? "" : "Did you mean '" + std::string(nearest) + "'? ";
  hint += "Make the table, or set destination.create_table to true.";
  throw Error(
      Code::table_not_found,
      "There is no table '" + display_table(target.table) + "' in " + target.url.display() + '.',
      {.hint = std::move(hint)});
}

[[noreturn]] void throw_denied(const std::string& message, const std::string& grant) {
  throw Error(Code::destination_denied, message,
              {.hint = "Let its owner run: " + grant + ";", .sqlstate = "42501"});
}

// A table without a schema is made where the search path says.
TableName name_to_be(PostgresqlConnection& connection, const PostgresqlTarget& target) {
  TableName name = target.table;
  if (name.schema.empty()) {
    const auto schema = connection.run("SELECT current_schema()");
    if (schema.is_null(0, 0)) {
      throw Error(Code::destination_failed,
                  "The role's search path has no schema to make the table " + name.table + " in.",
                  {.hint = "Name the schema: destination.table = \"schema." + name.table + "\"."});
    }
    name.schema = schema.text(0, 0);
  }
  return name;
}

}  // namespace

void create_postgresql_table(PostgresqlConnection& connection, const PostgresqlTarget& target,
                             const PrepareRequest& request) {
  const TableName name = name_to_be(connection, target);
  try {
    connection.run(
        create_table_statement(quote_table(name), request, target.rules, &postgresql_column_type));
  } catch (const PostgresqlError& error) {
    if (error.diagnostics().sqlstate != "42501") throw;
    throw_denied("The table " + display_table(name) +
                     " cannot be made: " + error.diagnostics().message + '.',
                 "GRANT CREATE ON SCHEMA " + quote_identifier(name.schema) + " TO " +
                     quote_identifier(connection.user()));
  }
}

namespace {

// What the job does to the table's rows, for a GRANT.
std::string_view rights_needed(const WriteRules& rules) {
  if (rules.upserts()) return "SELECT, INSERT, UPDATE";
  if (rules.replaces()) return "SELECT, INSERT, UPDATE, DELETE";
  return "INSERT";
}

void check_rights(PostgresqlConnection& connection, const PostgresqlTarget& target,
                  const PostgresqlTable& table) {
  const std::array<Parameter, 1> parameters{table.oid};
  std::string query =
      "SELECT (has_table_privilege($1::oid, 'INSERT') OR "
      "has_any_column_privilege($1::oid, 'INSERT'))";
  if (target.rules.replaces()) query += " AND has_table_privilege($1::oid, 'DELETE')";
  if (target.rules.upserts() || target.rules.replaces()) {
    query +=
        " AND has_any_column_privilege($1::oid, 'SELECT') AND "
        "has_any_column_privilege($1::oid, 'UPDATE')";
  }
  if (connection.run(query, parameters).flag(0, 0)) return;
  const std::string rights(rights_needed(target.rules));
  throw_denied("The role " + std::string(connection.user()) + " may not write to " +
                   display_table(table.name) + ": it needs the right to " + rights + '.',
               "GRANT " + rights + " ON " + quote_table(table.name) + " TO " +
                   quote_identifier(connection.user()));
}

void refuse_reload(PostgresqlConnection& connection, const PostgresqlTarget& target,
                   const PostgresqlTable& table, const PrepareRequest& request) {
  if (target.rules.disposition != WriteDisposition::append) return;
  const auto name = ledger_name(target, table);
  if (!name || !request.refuse_reload || request.load_hash.empty()) return;
  PostgresqlLedger ledger(connection, *name);
  if (!ledger.exists()) return;
  auto earlier = ledger.find_load(target.job_id, display_table(table.name), request.load_hash);
  if (!earlier) return;
  // Without the right to read nothing is said of it.
  const std::string quoted = quote_table(table.name);
  const std::array<Parameter, 1> asked{quoted};
  const auto may_read = connection
                            .run(
                                "SELECT has_table_privilege($1::regclass, 'SELECT') AND NOT "
                                "row_security_active($1::regclass)",
                                asked)
                            .flag(0, 0);
  earlier->table_is_empty =
      may_read && connection.run("SELECT 1 FROM " + quoted + " LIMIT 1").rows() == 0;
  refuse_load(*earlier, display_table(table.name));
}

void make_staging(PostgresqlConnection& connection, const PostgresqlTable& table,
                  PostgresqlStaging& staging) {
  try {
    staging.make();
  } catch (const PostgresqlError& error) {
    if (error.diagnostics().sqlstate != "42501") throw;
    throw_denied("The staging table for replacing the rows of " + display_table(table.name) +
                     " cannot be made: " + error.diagnostics().message + '.',
                 "GRANT CREATE ON SCHEMA " + quote_identifier(table.name.schema) + " TO " +
                     quote_identifier(connection.user()));
  }
}

void prepare_staging(PostgresqlConnection& connection, const PostgresqlTarget& target,
                     const PostgresqlTable& table) {
  PostgresqlStaging staging(connection, table, target.job_id);
  staging.lock();
  if (replacement_is_done(connection, target, table)) return;
  staging.refuse_others();
  if (staging.exists()) return;
  const auto ledger = ledger_name(target, table);
  if (ledger && PostgresqlLedger(connection, *ledger).has_units(target.job_id)) {
    throw_given_up(display_table(table.name), target.job_id);
  }
  make_staging(connection, table, staging);
}

PostgresqlTable table_to_be(PostgresqlConnection& connection, const PostgresqlTarget& target,
                            const PrepareRequest& request) {
  PostgresqlTable table;
  table.is_new = true;
  table.name = name_to_be(connection, target);
  const TableKeys keys = keys_to_be(request, target.rules);
  table.catalog = catalog_to_be(request, keys.primary);
  if (!keys.primary.empty()) table.unique_keys.push_back(keys.primary);
  if (!keys.unique.empty()) table.unique_keys.push_back(keys.unique);
  return table;
}

PostgresqlTable prepare_once(PostgresqlConnection& connection, const PostgresqlTarget& target,
                             const PrepareRequest& request) {
  const bool is_new = target.create_table && !read_postgresql_table(connection, target.table);
  if (is_new) {
    if (request.read_only) return table_to_be(connection, target, request);
    create_postgresql_table(connection, target, request);
  }
  PostgresqlTable table = find_postgresql_table(connection, target);
  table.is_new = is_new;
  const PrepareRequest named = with_catalog_names(request, table.catalog, target.rules.match);
  refuse_generated_columns(named, table.catalog);
  check_rights(connection, target, table);
  if (target.rules.replaces()) require_exchangeable(table, column_names(named.columns));
  const auto ledger = ledger_name(target, table);
  if (ledger && !request.read_only) PostgresqlLedger(connection, *ledger).make();
  refuse_reload(connection, target, table, request);
  if (target.rules.replaces() && !request.read_only) prepare_staging(connection, target, table);
  return table;
}

}  // namespace

bool replacement_is_done(PostgresqlConnection& connection, const PostgresqlTarget& target,
                         const PostgresqlTable& table) {
  const auto ledger = ledger_name(target, table);
  if (!ledger) return PostgresqlStaging(connection, table, target.job_id).is_marked();
  return PostgresqlLedger(connection, *ledger).find(target.job_id, completion_unit).has_value();
}

PostgresqlTarget postgresql_target(const JobSpec& spec, JobId job_id) {
  const auto& destination = std::get<SqlDestinationSpec>(spec.destination);
  PostgresqlTarget target{.url = database::parse_url(destination.url, Code::destination_failed),
                          .table = parse_table_name(destination.table, "table"),
                          .rules = write_rules(spec),
                          .create_table = destination.create_table,
                          .sync_sequences = destination.sync_sequences,
                          .job_id = job_id.to_string(),
                          .ledger = std::nullopt};
  for (std::string& name : target.rules.key) name = cut_postgresql_name(name);
  if (destination.ledger) target.ledger = parse_table_name(*destination.ledger, "ledger");
  return target;
}

std::optional<TableName> ledger_name(const PostgresqlTarget& target, const PostgresqlTable& table) {
  if (!target.ledger) return std::nullopt;
  TableName name = *target.ledger;
  if (name.schema.empty()) name.schema = table.name.schema;
  return name;
}

WriteRules rules_for(const PostgresqlTarget& target, const PostgresqlTable& table) {
  WriteRules rules = target.rules;
  if (rules.merges()) {
    rules.key = merge_key(catalog_names(rules.key, table.catalog, rules.match), table.catalog,
                          table.unique_keys, display_table(table.name));
  }
  return rules;
}

PostgresqlTable find_postgresql_table(PostgresqlConnection& connection,
                                      const PostgresqlTarget& target) {
  auto table = read_postgresql_table(connection, target.table);
  if (!table) throw_table_not_found(connection, target);
  return *std::move(table);
}

PostgresqlTable prepare_postgresql(PostgresqlSession& session, const PostgresqlTarget& target,
                                   const PrepareRequest& request) {
  for (int race = 1;; ++race) {
    session.connection.run(session.begin(request.read_only));
    try {
      PostgresqlTable table = prepare_once(session.connection, target, request);
      session.connection.run("COMMIT");
      return table;
    } catch (const PostgresqlError& error) {
      if (!is_lost_race(error) || race == most_races) throw;
      session.connection.run("ROLLBACK");
    }
  }
}

}  // namespace freight::sql
