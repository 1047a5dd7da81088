#include "connectors/sql/sqlite/sqlite_prepare.hpp"

#include <filesystem>
#include <utility>

#include "connectors/sql/destination/catalog_names.hpp"
#include "connectors/sql/destination/create_table.hpp"
#include "connectors/sql/destination/refusal.hpp"
#include "connectors/sql/destination/staging.hpp"
#include "connectors/sql/destination/write_rules.hpp"
#include "connectors/sql/sqlite/sqlite_ledger.hpp"
#include "connectors/sql/sqlite/sqlite_staging.hpp"
#include "core/nearest_name.hpp"
#include "database/sqlite/native_connection.hpp"
#include "database/sqlite/native_statement.hpp"
#include "database/sqlite/sqlite_session.hpp"
#include "database/sqlite/sqlite_settings.hpp"
#include "database/transaction.hpp"
#include "freight/error.hpp"

namespace freight::sql {
namespace {

[[noreturn]] void throw_table_not_found(std::string_view nearest, const SqliteTarget& target) {
  std::string hint = nearest.empty() ? "" : "Did you mean '" + std::string(nearest) + "'? ";
  hint += "Make the table, or set destination.create_table to true.";
  throw Error(Code::table_not_found,
              "There is no table '" + display_table(target.table) + "' in " + target.url.path + '.',
              {.hint = std::move(hint)});
}

}  // namespace

std::string create_statement(const SqliteTarget& target, const PrepareRequest& request) {
  const TableName& name = target.table;
  if (!name.schema.empty() && name.schema != "main")
    throw_table_not_found("main." + name.table, target);
  return create_table_statement("main." + quote_identifier(name.table), request, target.rules,
                                &sqlite_column_type);
}

namespace {

void check_ledger_name(const SqliteTarget& target) {
  if (!target.ledger || target.ledger->schema.empty() || target.ledger->schema == "main") return;
  throw Error(Code::ledger_denied,
              "The ledger " + display_table(*target.ledger) +
                  " cannot be made: an SQLite file has no schema but main.",
              {.hint = "Name the ledger without a schema."});
}

void refuse_reload(::sqlite3* connection, const SqliteTarget& target, const SqliteTable& table,
                   const PrepareRequest& request) {
  if (target.rules.disposition != WriteDisposition::append) return;
  if (!target.ledger || !request.refuse_reload || request.load_hash.empty()) return;
  SqliteLedger ledger(connection, target.ledger->table);
  if (!ledger.exists()) return;
  auto earlier = ledger.find_load(target.job_id, table.name, request.load_hash);
  if (!earlier) return;
  const std::string any_row = "SELECT 1 FROM " + quote_identifier(table.name) + " LIMIT 1";
  earlier->table_is_empty = !database::SqliteStatement(connection, any_row).step();
  refuse_load(*earlier, table.name);
}

void prepare_staging(::sqlite3* connection, const SqliteTarget& target, const SqliteTable& table) {
  if (replacement_is_done(connection, target, table)) return;
  SqliteStaging staging(connection, table, target.job_id);
  staging.refuse_others();
  if (staging.exists()) return;
  if (target.ledger && SqliteLedger(connection, target.ledger->table).has_units(target.job_id)) {
    throw_given_up(table.name, target.job_id);
  }
  staging.make();
}

void check_table(const SqliteTarget& target, const SqliteTable& table,
                 const PrepareRequest& request) {
  const PrepareRequest named = with_catalog_names(request, table.catalog(), target.rules.match);
  refuse_generated_columns(named, table.catalog());
  if (target.rules.replaces()) require_exchangeable(table, column_names(named.columns));
}

// What CREATE TABLE would make, by making it where nobody sees it.
SqliteTable table_to_be(const SqliteTarget& target, const PrepareRequest& request) {
  const database::SqliteScratch scratch;
  database::run_sqlite(scratch.connection(), create_statement(target, request));
  SqliteTable table = find_sqlite_table(scratch.connection(), target);
  table.is_new = true;
  return table;
}

}  // namespace

bool replacement_is_done(::sqlite3* connection, const SqliteTarget& target,
                         const SqliteTable& table) {
  if (!target.ledger) return SqliteStaging(connection, table, target.job_id).is_marked();
  return SqliteLedger(connection, target.ledger->table)
      .find(target.job_id, completion_unit)
      .has_value();
}

SqliteTarget sqlite_target(const JobSpec& spec, JobId job_id) {
  const auto& destination = std::get<SqlDestinationSpec>(spec.destination);
  SqliteTarget target{.url = database::parse_url(destination.url, Code::destination_failed),
                      .table = parse_table_name(destination.table, "table"),
                      .rules = write_rules(spec),
                      .create_table = destination.create_table,
                      .check_foreign_keys = destination.check_foreign_keys,
                      .job_id = job_id.to_string(),
                      .ledger = std::nullopt};
  if (destination.ledger) target.ledger = parse_table_name(*destination.ledger, "ledger");
  return target;
}

WriteRules rules_for(const SqliteTarget& target, const SqliteTable& table) {
  WriteRules rules = target.rules;
  if (rules.merges()) {
    rules.key = merge_key(catalog_names(rules.key, table.catalog(), rules.match), table.catalog(),
                          table.unique_keys, table.name);
  }
  return rules;
}

SqliteTable find_sqlite_table(::sqlite3* connection, const SqliteTarget& target) {
  auto table = read_sqlite_table(connection, target.table);
  if (table) return *std::move(table);
  const std::vector<std::string> names = sqlite_table_names(connection);
  throw_table_not_found(core::nearest_name(target.table.table, names), target);
}

SqliteTable prepare_sqlite(database::Session& session, const SqliteTarget& target,
                           const PrepareRequest& request) {
  check_ledger_name(target);
  ::sqlite3* connection = database::sqlite_handle(session);
  database::Transaction transaction(session);
  const bool is_new = target.create_table && !read_sqlite_table(connection, target.table);
  if (is_new) session.run(create_statement(target, request));
  SqliteTable table = find_sqlite_table(connection, target);
  table.is_new = is_new;
  check_table(target, table, request);
  if (target.ledger) SqliteLedger(connection, target.ledger->table).make();
  refuse_reload(connection, target, table, request);
  if (target.rules.replaces()) prepare_staging(connection, target, table);
  transaction.commit();
  return table;
}

SqliteTable look_at_sqlite(const SqliteTarget& target, const PrepareRequest& request) {
  check_ledger_name(target);
  std::error_code unknown;
  if (target.create_table && !std::filesystem::exists(target.url.path, unknown) && !unknown &&
      std::filesystem::is_directory(std::filesystem::path(target.url.path).parent_path())) {
    return table_to_be(target, request);
  }
  const auto session = database::open_sqlite_session(target.url, {.read_only = true});
  ::sqlite3* connection = database::sqlite_handle(*session);
  if (target.create_table && !read_sqlite_table(connection, target.table)) {
    return table_to_be(target, request);
  }
  SqliteTable table = find_sqlite_table(connection, target);
  check_table(target, table, request);
  refuse_reload(connection, target, table, request);
  return table;
}

}  // namespace freight::sql
