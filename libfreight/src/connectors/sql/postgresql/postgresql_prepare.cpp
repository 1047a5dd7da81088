#include "connectors/sql/postgresql/postgresql_prepare.hpp"

#include <array>
#include <utility>

#include "connectors/sql/create_table.hpp"
#include "connectors/sql/postgresql/postgresql_ledger.hpp"
#include "connectors/sql/refusal.hpp"
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

void create_table(PostgresqlConnection& connection, const PostgresqlTarget& target,
                  const PrepareRequest& request) {
  const TableName name = name_to_be(connection, target);
  try {
    connection.run(create_table_statement(quote_table(name), request, &postgresql_column_type));
  } catch (const PostgresqlError& error) {
    if (error.diagnostics().sqlstate != "42501") throw;
    throw_denied("The table " + display_table(name) +
                     " cannot be made: " + error.diagnostics().message + '.',
                 "GRANT CREATE ON SCHEMA " + quote_identifier(name.schema) + " TO " +
                     quote_identifier(connection.user()));
  }
}

void check_right_to_insert(PostgresqlConnection& connection, const PostgresqlTable& table) {
  const std::array<Parameter, 1> parameters{table.oid};
  const auto right = connection.run(
      "SELECT has_table_privilege($1::oid, 'INSERT') OR "
      "has_any_column_privilege($1::oid, 'INSERT')",
      parameters);
  if (right.flag(0, 0)) return;
  throw_denied(
      "The role " + std::string(connection.user()) + " may not insert into " +
          display_table(table.name) + '.',
      "GRANT INSERT ON " + quote_table(table.name) + " TO " + quote_identifier(connection.user()));
}

void refuse_reload(PostgresqlConnection& connection, const PostgresqlTarget& target,
                   const PostgresqlTable& table, const PrepareRequest& request) {
  const auto name = ledger_name(target, table);
  if (!name || !request.refuse_reload || request.load_hash.empty()) return;
  PostgresqlLedger ledger(connection, *name);
  if (!ledger.exists()) return;
  const auto earlier =
      ledger.find_load(target.job_id, display_table(table.name), request.load_hash);
  if (earlier) throw_already_loaded(*earlier, display_table(table.name));
}

PostgresqlTable table_to_be(PostgresqlConnection& connection, const PostgresqlTarget& target,
                            const PrepareRequest& request) {
  PostgresqlTable table;
  table.name = name_to_be(connection, target);
  table.catalog = catalog_to_be(request);
  return table;
}

PostgresqlTable prepare_once(PostgresqlConnection& connection, const PostgresqlTarget& target,
                             const PrepareRequest& request) {
  if (target.create_table && !read_postgresql_table(connection, target.table)) {
    if (request.read_only) return table_to_be(connection, target, request);
    create_table(connection, target, request);
  }
  PostgresqlTable table = find_postgresql_table(connection, target);
  refuse_generated_columns(request, table.catalog);
  check_right_to_insert(connection, table);
  const auto ledger = ledger_name(target, table);
  if (ledger && !request.read_only) PostgresqlLedger(connection, *ledger).make();
  refuse_reload(connection, target, table, request);
  return table;
}

}  // namespace

PostgresqlTarget postgresql_target(const SqlDestinationSpec& spec, JobId job_id) {
  PostgresqlTarget target{.url = database::parse_url(spec.url, Code::destination_failed),
                          .table = parse_table_name(spec.table, "table"),
                          .create_table = spec.create_table,
                          .sync_sequences = spec.sync_sequences,
                          .job_id = job_id.to_string(),
                          .ledger = std::nullopt};
  if (spec.ledger) target.ledger = parse_table_name(*spec.ledger, "ledger");
  return target;
}

std::optional<TableName> ledger_name(const PostgresqlTarget& target, const PostgresqlTable& table) {
  if (!target.ledger) return std::nullopt;
  TableName name = *target.ledger;
  if (name.schema.empty()) name.schema = table.name.schema;
  return name;
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
