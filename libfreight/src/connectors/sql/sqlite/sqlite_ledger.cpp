#include "connectors/sql/sqlite/sqlite_ledger.hpp"

#include "connectors/sql/sqlite/sqlite_table.hpp"
#include "connectors/sql/table_name.hpp"
#include "database/database_error.hpp"
#include "database/sqlite/native_connection.hpp"
#include "database/sqlite/native_statement.hpp"
#include "database/sqlite/sqlite_settings.hpp"
#include "freight/error.hpp"
#include "freight/time.hpp"

namespace freight::sql {
namespace {

using database::SqliteStatement;

constexpr LedgerTypes ledger_types{
    .job_id = "TEXT", .text = "TEXT", .number = "BIGINT", .time = "TEXT"};

std::int64_t signed_of(std::uint64_t number) { return static_cast<std::int64_t>(number); }
std::uint64_t unsigned_of(std::int64_t number) { return static_cast<std::uint64_t>(number); }

std::string now() { return format_timestamp(system_clock().now()); }

}  // namespace

SqliteLedger::SqliteLedger(::sqlite3* connection, std::string_view table)
    : connection_(connection), name_(table), quoted_("main." + quote_identifier(table)) {}

void SqliteLedger::make() {
  if (exists()) return;
  database::run_sqlite(connection_, create_ledger_statement(quoted_, ledger_types));
}

bool SqliteLedger::exists() {
  const auto table = read_sqlite_table(connection_, {.schema = {}, .table = name_, .quoted = true});
  if (!table) return false;
  try {
    SqliteStatement(connection_, "SELECT job_id, " + std::string(ledger_columns) +
                                     ", load_hash, written_at " + "FROM " + quoted_);
  } catch (const database::DatabaseError& error) {
    throw_not_a_ledger(name_, error.failure().text);
  }
  return true;
}

bool SqliteLedger::insert(std::string_view job_id, const LedgerRow& row) {
  SqliteStatement statement(connection_, "INSERT INTO " + quoted_ + " (job_id, " +
                                             std::string(ledger_columns) +
                                             ", load_hash, written_at) VALUES "
                                             "(?,?,?,?,?,?,?,?,?,?,?,?,?) "
                                             "ON CONFLICT (job_id, unit) DO NOTHING");
  const std::string written_at = now();
  statement.bind_text(1, job_id);
  statement.bind_text(2, row.unit);
  statement.bind_integer(3, row.format);
  statement.bind_text(4, row.target);
  statement.bind_integer(5, signed_of(row.first_ordinal));
  statement.bind_integer(6, signed_of(row.records));
  statement.bind_text(7, row.content_hash);
  statement.bind_text(8, row.input_hash);
  statement.bind_integer(9, signed_of(row.inserted));
  statement.bind_integer(10, signed_of(row.updated));
  statement.bind_text(11, row.outcome);
  if (!row.load_hash.empty()) statement.bind_text(12, row.load_hash);
  statement.bind_text(13, written_at);
  statement.step();
  return database::sqlite_changes(connection_) == 1;
}

std::optional<LedgerRow> SqliteLedger::find(std::string_view job_id, std::string_view unit) {
  SqliteStatement query(connection_, "SELECT " + std::string(ledger_columns) + " FROM " + quoted_ +
                                         " WHERE job_id = ? AND unit = ?");
  query.bind_text(1, job_id);
  query.bind_text(2, unit);
  if (!query.step()) return std::nullopt;
  LedgerRow row;
  row.unit = query.text(0);
  row.format = query.integer(1);
  row.target = query.text(2);
  row.first_ordinal = unsigned_of(query.integer(3));
  row.records = unsigned_of(query.integer(4));
  row.content_hash = query.text(5);
  row.input_hash = query.text(6);
  row.inserted = unsigned_of(query.integer(7));
  row.updated = unsigned_of(query.integer(8));
  row.outcome = query.text(9);
  return row;
}

void SqliteLedger::update(std::string_view job_id, const LedgerRow& row) {
  SqliteStatement statement(connection_, "UPDATE " + quoted_ +
                                             " SET inserted = ?, updated = ?, outcome = ? "
                                             "WHERE job_id = ? AND unit = ?");
  statement.bind_integer(1, signed_of(row.inserted));
  statement.bind_integer(2, signed_of(row.updated));
  statement.bind_text(3, row.outcome);
  statement.bind_text(4, job_id);
  statement.bind_text(5, row.unit);
  statement.step();
}

bool SqliteLedger::has_units(std::string_view job_id) {
  SqliteStatement query(connection_, "SELECT 1 FROM " + quoted_ + " WHERE job_id = ? LIMIT 1");
  query.bind_text(1, job_id);
  return query.step();
}

std::uint64_t SqliteLedger::rows_written(std::string_view job_id) {
  SqliteStatement query(connection_, "SELECT coalesce(sum(inserted + updated), 0) FROM " + quoted_ +
                                         " WHERE job_id = ? AND unit <> ?");
  query.bind_text(1, job_id);
  query.bind_text(2, completion_unit);
  query.step();
  return unsigned_of(query.integer(0));
}

void SqliteLedger::complete(std::string_view job_id, std::string_view target,
                            std::string_view load_hash) {
  SqliteStatement statement(connection_, completion_statement(quoted_, ledger_types, "?"));
  const std::string written_at = now();
  const std::string outcome = encode_outcome({});
  statement.bind_text(1, job_id);
  statement.bind_text(2, completion_unit);
  statement.bind_integer(3, ledger_format);
  statement.bind_text(4, target);
  statement.bind_text(5, outcome);
  statement.bind_text(6, load_hash);
  statement.bind_text(7, written_at);
  statement.step();
}

std::optional<EarlierLoad> SqliteLedger::find_load(std::string_view job_id, std::string_view target,
                                                   std::string_view load_hash) {
  SqliteStatement query(connection_, earlier_load_query(quoted_, "?", "written_at"));
  query.bind_text(1, completion_unit);
  query.bind_text(2, load_hash);
  query.bind_text(3, target);
  query.bind_text(4, job_id);
  if (!query.step()) return std::nullopt;
  return EarlierLoad{.job_id = std::string(query.text(0)),
                     .written_at = std::string(query.text(1)),
                     .inserted = unsigned_of(query.integer(2)),
                     .completed = query.integer(3) != 0};
}

void SqliteLedger::refuse_load_of_others(std::string_view job_id, std::string_view target,
                                         std::string_view load_hash) {
  if (load_hash.empty()) return;
  if (const auto earlier = find_load(job_id, target, load_hash)) refuse_load(*earlier, target);
}

}  // namespace freight::sql
