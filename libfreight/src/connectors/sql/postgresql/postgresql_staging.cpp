#include "connectors/sql/postgresql/postgresql_staging.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "connectors/sql/postgresql/postgresql_ledger.hpp"
#include "core/contains.hpp"

namespace freight::sql {
namespace {

using core::contains;
using database::PostgresqlConnection;
using database::PostgresqlError;
using database::PostgresqlResult;
using Parameter = PostgresqlConnection::Parameter;

// "frei": tells our advisory locks from others'; the second half is the table's number.
constexpr const char* lock_query =
    "SELECT pg_advisory_xact_lock(1718773097, ($1::oid::int8 & 2147483647)::int4)";

std::string same_key(const std::vector<std::string>& key) {
  std::string out;
  for (const std::string& name : key) {
    if (!out.empty()) out += " AND ";
    out += "s." + quote_identifier(name) + " = t." + quote_identifier(name);
  }
  return out;
}

}  // namespace

PostgresqlStaging::PostgresqlStaging(PostgresqlConnection& connection,
                                     const PostgresqlTable& target, std::string_view job_id)
    : connection_(connection),
      target_(target),
      job_id_(job_id),
      name_{
          .schema = target.name.schema, .table = staging_name(target.oid, job_id), .quoted = true},
      quoted_(quote_table(name_)) {}

void PostgresqlStaging::lock() { ask(connection_, lock_query, target_.oid); }

bool PostgresqlStaging::exists() {
  return !ask(connection_, "SELECT to_regclass($1)", quoted_).is_null(0, 0);
}

bool PostgresqlStaging::is_marked() {
  const TableName mark{
      .schema = name_.schema, .table = exchanged_name(target_.oid, job_id_), .quoted = true};
  return !ask(connection_, "SELECT to_regclass($1)", quote_table(mark)).is_null(0, 0);
}

std::vector<std::string> PostgresqlStaging::tables_beside() {
  const PostgresqlResult tables =
      ask(connection_,
          "SELECT c.relname FROM pg_class c WHERE c.relkind = 'r' AND c.relname LIKE 'freight\\_%' "
          "AND c.relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = $1::oid)",
          target_.oid);
  std::vector<std::string> names;
  for (int row = 0; row < tables.rows(); ++row) names.emplace_back(tables.text(row, 0));
  return names;
}

void PostgresqlStaging::refuse_others() {
  for (const std::string& table : tables_beside()) {
    const auto job = job_of_staging(table, target_.oid);
    if (!job || *job == job_id_) continue;
    throw_busy(display_table(target_.name), *job,
               quote_table({.schema = name_.schema, .table = table, .quoted = true}));
  }
}

void PostgresqlStaging::make() {
  connection_.run("CREATE TABLE " + quoted_ + " (LIKE " + quote_table(target_.name) +
                  " INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING GENERATED INCLUDING "
                  "IDENTITY INCLUDING INDEXES); COMMENT ON TABLE " +
                  quoted_ + " IS " +
                  postgresql_literal("Rows that Freight's job " + job_id_ +
                                     " puts in place of those of " + display_table(target_.name) +
                                     " when it is complete."));
  drop_slow_indexes();
  add_foreign_keys();
}

// Only unique ones say something about a row.
void PostgresqlStaging::drop_slow_indexes() {
  const PostgresqlResult indexes =
      ask(connection_,
          "SELECT i.indexrelid::regclass::text FROM pg_index i WHERE i.indrelid = $1::regclass "
          "AND NOT i.indisunique AND NOT i.indisexclusion",
          quoted_);
  for (int row = 0; row < indexes.rows(); ++row) {
    connection_.run("DROP INDEX " + std::string(indexes.text(row, 0)));
  }
}

// LIKE leaves them out. One that refers to the target itself is to find its parents here.
void PostgresqlStaging::add_foreign_keys() {
  const std::array<Parameter, 2> parameters{target_.oid, quoted_};
  const PostgresqlResult keys = connection_.run(
      "SELECT quote_ident(k.conname), CASE WHEN k.confrelid = k.conrelid THEN "
      "replace(pg_get_constraintdef(k.oid), 'REFERENCES ' || k.confrelid::regclass::text || '(', "
      "'REFERENCES ' || $2 || '(') ELSE pg_get_constraintdef(k.oid) END "
      "FROM pg_constraint k WHERE k.contype = 'f' AND k.conrelid = $1::oid",
      parameters);
  for (int row = 0; row < keys.rows(); ++row) {
    connection_.run("SAVEPOINT freight_key");
    try {
      connection_.run("ALTER TABLE " + quoted_ + " ADD CONSTRAINT " +
                      std::string(keys.text(row, 0)) + ' ' + std::string(keys.text(row, 1)));
      connection_.run("RELEASE SAVEPOINT freight_key");
    } catch (const PostgresqlError& error) {
      // A role that may not refer to the other table finds out in the exchange.
      if (error.diagnostics().sqlstate != "42501") throw;
      connection_.run("ROLLBACK TO SAVEPOINT freight_key; RELEASE SAVEPOINT freight_key");
    }
  }
}

std::uint64_t PostgresqlStaging::count() {
  return static_cast<std::uint64_t>(
      connection_.run("SELECT count(*) FROM " + quoted_).integer(0, 0));
}

// Whatever the job does not fill takes its default, as in a new row.
std::string PostgresqlStaging::upsert_clause(const std::vector<std::string>& columns) const {
  std::string assignments;
  for (const DestinationColumn& column : target_.catalog.columns) {
    const bool in_key = contains(target_.catalog.primary_key, column.name);
    if (in_key || column.generated || target_.is_identity_always(column.name)) continue;
    const std::string name = quote_identifier(column.name);
    assignments += (assignments.empty() ? "" : ", ") + name + " = " +
                   (contains(columns, column.name) ? "excluded." + name : "DEFAULT");
  }
  const std::string conflict =
      " ON CONFLICT (" + quoted_list(target_.catalog.primary_key) + ") DO ";
  return conflict + (assignments.empty() ? "NOTHING" : "UPDATE SET " + assignments);
}

void PostgresqlStaging::exchange(const std::vector<std::string>& columns) {
  const std::string target = quote_table(target_.name);
  const std::uint64_t staged = count();
  const bool by_key = target_.is_referred_to;
  connection_.run("SET CONSTRAINTS ALL DEFERRED; LOCK TABLE " + target +
                  " IN SHARE ROW EXCLUSIVE MODE; DELETE FROM " + target + " t" +
                  (by_key ? " WHERE NOT EXISTS (SELECT FROM " + quoted_ + " s WHERE " +
                                same_key(target_.catalog.primary_key) + ")"
                          : std::string()));
  const std::string list = quoted_list(columns);
  connection_.run("INSERT INTO " + target + " (" + list + ") OVERRIDING SYSTEM VALUE SELECT " +
                  list + " FROM " + quoted_ + (by_key ? upsert_clause(columns) : std::string()));
  connection_.run("SET CONSTRAINTS ALL IMMEDIATE");
  const PostgresqlResult now = connection_.run("SELECT count(*) FROM " + target);
  check_exchange(display_table(target_.name), static_cast<std::uint64_t>(now.integer(0, 0)),
                 staged);
}

void PostgresqlStaging::drop() { connection_.run("DROP TABLE " + quoted_); }

void PostgresqlStaging::leave_mark() {
  drop();
  connection_.run(
      "CREATE TABLE " +
      quote_table(
          {.schema = name_.schema, .table = exchanged_name(target_.oid, job_id_), .quoted = true}) +
      " (exchanged_at timestamptz DEFAULT now())");
}

void require_exchangeable(const PostgresqlTable& target, const std::vector<std::string>& columns) {
  if (!target.is_referred_to || columns.empty()) return;
  const auto& key = target.catalog.primary_key;
  const bool immediate =
      std::any_of(target.unique_keys.begin(), target.unique_keys.end(),
                  [&key](const UniqueKey& unique) { return same_columns(unique, key); });
  if (!immediate || !fills(columns, key)) throw_needs_key(display_table(target.name));
}

}  // namespace freight::sql
