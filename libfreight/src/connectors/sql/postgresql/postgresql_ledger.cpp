#include "connectors/sql/postgresql/postgresql_ledger.hpp"

#include <array>

#include "freight/error.hpp"

namespace freight::sql {
namespace {

using database::PostgresqlError;
using database::PostgresqlResult;
using Parameter = database::PostgresqlConnection::Parameter;

constexpr LedgerTypes ledger_types{
    .job_id = "uuid", .text = "text", .number = "bigint", .time = "timestamptz"};

std::uint64_t unsigned_of(std::int64_t number) { return static_cast<std::uint64_t>(number); }

bool is_denied(const PostgresqlError& error) {
  return error.diagnostics().sqlstate == "42501" || error.diagnostics().sqlstate == "3F000";
}

}  // namespace

std::string postgresql_literal(std::string_view text) {
  std::string out = text.find('\\') == std::string_view::npos ? "'" : " E'";
  for (const char letter : text) {
    if (letter == '\'' || letter == '\\') out += letter;
    out += letter;
  }
  out += '\'';
  return out;
}

PostgresqlLedger::PostgresqlLedger(database::PostgresqlConnection& connection,
                                   const TableName& name)
    : connection_(connection), name_(name), quoted_(quote_table(name)) {}

void PostgresqlLedger::make() {
  if (!exists()) {
    try {
      connection_.run(create_ledger_statement(quoted_, ledger_types));
    } catch (const PostgresqlError& error) {
      if (!is_denied(error)) throw;
      deny(error.diagnostics().message);
    }
  }
  check_rights();
  check_columns();
}

bool PostgresqlLedger::exists() {
  const std::array<Parameter, 1> parameters{quoted_};
  try {
    return !connection_.run("SELECT to_regclass($1)", parameters).is_null(0, 0);
  } catch (const PostgresqlError& error) {
    if (!is_denied(error)) throw;
    deny(error.diagnostics().message);
  }
}

// The transaction has failed by now, but who it was can be asked of the connection.
void PostgresqlLedger::deny(const std::string& reason) {
  const std::string role = quote_identifier(connection_.user());
  throw Error(
      Code::ledger_denied,
      "The ledger " + display_table(name_) + " cannot be used: " + reason + '.',
      {.hint = "Let the schema's owner run: " + create_ledger_statement(quoted_, ledger_types) +
               "; GRANT USAGE ON SCHEMA " + quote_identifier(name_.schema) + " TO " + role +
               "; GRANT SELECT, INSERT, UPDATE ON " + quoted_ + " TO " + role +
               "; or name another table in destination.ledger, or \"none\".",
       .sqlstate = "42501"});
}

void PostgresqlLedger::check_rights() {
  const std::array<Parameter, 1> parameters{quoted_};
  const PostgresqlResult rights = connection_.run(
      "SELECT has_table_privilege($1, 'SELECT') AND has_table_privilege($1, 'INSERT') AND "
      "has_table_privilege($1, 'UPDATE')",
      parameters);
  if (!rights.flag(0, 0)) deny("permission denied for table " + name_.table);
}

void PostgresqlLedger::check_columns() {
  try {
    connection_.run("SELECT job_id, " + std::string(ledger_columns) +
                    ", load_hash, written_at FROM " + quoted_ + " LIMIT 0");
  } catch (const PostgresqlError& error) {
    if (error.condition() != database::Condition::missing) throw;
    throw_not_a_ledger(display_table(name_), error.diagnostics().message);
  }
}

std::string PostgresqlLedger::insert_statement(std::string_view job_id,
                                               const LedgerRow& row) const {
  return "INSERT INTO " + quoted_ + " (job_id, " + std::string(ledger_columns) +
         ", load_hash, written_at) VALUES (" + postgresql_literal(job_id) + ", " +
         postgresql_literal(row.unit) + ", " + std::to_string(row.format) + ", " +
         postgresql_literal(row.target) + ", " + std::to_string(row.first_ordinal) + ", " +
         std::to_string(row.records) + ", " + postgresql_literal(row.content_hash) + ", " +
         postgresql_literal(row.input_hash) + ", 0, 0, '', " +
         (row.load_hash.empty() ? std::string("NULL") : postgresql_literal(row.load_hash)) +
         ", clock_timestamp()) " + "ON CONFLICT (job_id, unit) DO NOTHING";
}

std::optional<LedgerRow> PostgresqlLedger::find(std::string_view job_id, std::string_view unit) {
  const std::array<Parameter, 2> parameters{job_id, unit};
  const PostgresqlResult found =
      connection_.run("SELECT " + std::string(ledger_columns) + " FROM " + quoted_ +
                          " WHERE job_id = $1 AND unit = $2",
                      parameters);
  if (found.rows() == 0) return std::nullopt;
  LedgerRow row;
  row.unit = found.text(0, 0);
  row.format = found.integer(0, 1);
  row.target = found.text(0, 2);
  row.first_ordinal = unsigned_of(found.integer(0, 3));
  row.records = unsigned_of(found.integer(0, 4));
  row.content_hash = found.text(0, 5);
  row.input_hash = found.text(0, 6);
  row.inserted = unsigned_of(found.integer(0, 7));
  row.updated = unsigned_of(found.integer(0, 8));
  row.outcome = found.text(0, 9);
  return row;
}

void PostgresqlLedger::update(std::string_view job_id, const LedgerRow& row) {
  const std::string inserted = std::to_string(row.inserted);
  const std::string updated = std::to_string(row.updated);
  const std::array<Parameter, 5> parameters{inserted, updated, row.outcome, job_id, row.unit};
  connection_.run("UPDATE " + quoted_ +
                      " SET inserted = $1, updated = $2, outcome = $3 "
                      "WHERE job_id = $4 AND unit = $5",
                  parameters);
}

bool PostgresqlLedger::has_units(std::string_view job_id) {
  const std::array<Parameter, 1> parameters{job_id};
  return connection_
      .run("SELECT EXISTS (SELECT FROM " + quoted_ + " WHERE job_id = $1)", parameters)
      .flag(0, 0);
}

std::uint64_t PostgresqlLedger::rows_written(std::string_view job_id) {
  const std::array<Parameter, 2> parameters{job_id, completion_unit};
  const PostgresqlResult sum = connection_.run("SELECT coalesce(sum(inserted + updated), 0) FROM " +
                                                   quoted_ + " WHERE job_id = $1 AND unit <> $2",
                                               parameters);
  return unsigned_of(sum.integer(0, 0));
}

void PostgresqlLedger::complete(std::string_view job_id, std::string_view target,
                                std::string_view load_hash) {
  const std::string format = std::to_string(ledger_format);
  const std::string outcome = encode_outcome({});
  const std::array<Parameter, 7> parameters{job_id,  completion_unit, format, target,
                                            outcome, load_hash,       "now"};
  connection_.run(completion_statement(quoted_, ledger_types, "$"), parameters);
}

std::optional<EarlierLoad> PostgresqlLedger::find_load(std::string_view job_id,
                                                       std::string_view target,
                                                       std::string_view load_hash) {
  const std::array<Parameter, 4> parameters{completion_unit, load_hash, target, job_id};
  const PostgresqlResult found =
      connection_.run(earlier_load_query(quoted_, "$",
                                         "to_char(written_at AT TIME ZONE 'UTC', "
                                         "'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"),
                      parameters);
  if (found.rows() == 0) return std::nullopt;
  return EarlierLoad{.job_id = std::string(found.text(0, 0)),
                     .written_at = std::string(found.text(0, 1)),
                     .inserted = unsigned_of(found.integer(0, 2)),
                     .completed = found.integer(0, 3) != 0};
}

void PostgresqlLedger::refuse_load_of_others(std::string_view job_id, std::string_view target,
                                             std::string_view load_hash) {
  if (load_hash.empty()) return;
  // Of two that begin at once the second waits here until the first has written something.
  const std::array<Parameter, 1> load{load_hash};
  connection_.run("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", load);
  if (const auto earlier = find_load(job_id, target, load_hash)) refuse_load(*earlier, target);
}

}  // namespace freight::sql
