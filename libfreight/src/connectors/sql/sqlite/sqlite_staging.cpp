#include "connectors/sql/sqlite/sqlite_staging.hpp"

#include <algorithm>

#include "connectors/sql/table_name.hpp"
#include "database/sqlite/native_connection.hpp"
#include "database/sqlite/native_statement.hpp"
#include "database/sqlite/sqlite_settings.hpp"
#include "freight/error.hpp"

namespace freight::sql {
namespace {

using database::SqliteStatement;

bool has_table(::sqlite3* connection, const std::string& name) {
  SqliteStatement query(connection,
                        "SELECT 1 FROM main.sqlite_schema WHERE type = 'table' AND name = ?1");
  query.bind_text(1, name);
  return query.step();
}

// The statements that made the table and its unique indexes.
std::vector<std::string> statements_of(::sqlite3* connection, const std::string& table) {
  SqliteStatement query(
      connection,
      "SELECT s.sql FROM main.sqlite_schema s LEFT JOIN pragma_index_list(?1) i ON i.name = s.name "
      "WHERE s.tbl_name = ?1 AND s.sql IS NOT NULL AND (s.type = 'table' OR (s.type = 'index' AND "
      "i.\"unique\")) ORDER BY s.type DESC, s.name");
  query.bind_text(1, table);
  std::vector<std::string> statements;
  while (query.step()) statements.emplace_back(query.text(0));
  return statements;
}

// SQLite keeps the statement as "CREATE UNIQUE INDEX " and what was written from the name on.
std::string with_index_name(const std::string& statement, const std::string& name) {
  constexpr std::string_view beginning = "CREATE UNIQUE INDEX ";
  if (!statement.starts_with(beginning)) {
    throw Error(Code::destination_failed,
                "An index of the table cannot be copied for replacing its rows: " + statement);
  }
  return std::string(beginning) + quote_identifier(name) +
         std::string(after_name(std::string_view(statement).substr(beginning.size())));
}

}  // namespace

std::string_view after_name(std::string_view text) {
  if (text.empty()) return text;
  const char first = text.front();
  const char last = first == '[' ? ']' : first;
  if (first == '"' || first == '`' || first == '\'' || first == '[') {
    for (std::size_t at = 1; at < text.size(); ++at) {
      if (text[at] != last) continue;
      // Within quotes a quote is doubled; brackets know no such thing.
      if (first == '[' || at + 1 == text.size() || text[at + 1] != last) return text.substr(at + 1);
      ++at;
    }
    return {};
  }
  return text.substr(std::min(text.size(), text.find_first_of(" \t\r\n\f(/-")));
}

SqliteStaging::SqliteStaging(::sqlite3* connection, const SqliteTable& target,
                             std::string_view job_id)
    : connection_(connection),
      target_(target),
      job_id_(job_id),
      name_(staging_name(target.name, job_id)),
      quoted_("main." + quote_identifier(name_)) {}

bool SqliteStaging::exists() { return has_table(connection_, name_); }

bool SqliteStaging::is_marked() {
  return has_table(connection_, exchanged_name(target_.name, job_id_));
}

void SqliteStaging::refuse_others() {
  for (const std::string& table : sqlite_table_names(connection_)) {
    const auto job = job_of_staging(table, target_.name);
    if (job && *job != job_id_) throw_busy(target_.name, *job, quote_identifier(table));
  }
}

// SQLite has no LIKE, but it knows how to rename a table in everything that speaks of it: foreign
// keys to itself, checks, indexes. That is done where nobody sees it.
void SqliteStaging::make() {
  const database::SqliteScratch scratch;
  for (const std::string& statement : statements_of(connection_, target_.name)) {
    database::run_sqlite(scratch.connection(), statement);
  }
  database::run_sqlite(scratch.connection(), "ALTER TABLE " + quote_identifier(target_.name) +
                                                 " RENAME TO " + quote_identifier(name_));
  std::size_t indexes = 0;
  for (const std::string& statement : statements_of(scratch.connection(), name_)) {
    const bool is_table = statement.starts_with("CREATE TABLE");
    database::run_sqlite(
        connection_,
        is_table ? statement : with_index_name(statement, name_ + '_' + std::to_string(++indexes)));
  }
}

std::uint64_t SqliteStaging::count() {
  SqliteStatement query(connection_, "SELECT count(*) FROM " + quoted_);
  query.step();
  return static_cast<std::uint64_t>(query.integer(0));
}

// Whatever the job does not fill takes its default, as in a new row.
std::string SqliteStaging::upsert_clause() const {
  std::string assignments;
  for (const SqliteColumn& column : target_.columns) {
    const auto& key = target_.primary_key;
    const bool in_key = std::find(key.begin(), key.end(), column.column.name) != key.end();
    if (in_key || column.column.generated) continue;
    const std::string name = quote_identifier(column.column.name);
    if (!assignments.empty()) assignments += ", ";
    assignments.append(name).append(" = excluded.").append(name);
  }
  const std::string conflict =
      " WHERE true ON CONFLICT (" + quoted_list(target_.primary_key) + ") DO ";
  return conflict + (assignments.empty() ? "NOTHING" : "UPDATE SET " + assignments);
}

void SqliteStaging::exchange(const std::vector<std::string>& columns) {
  const std::string target = "main." + quote_identifier(target_.name);
  const std::uint64_t staged = count();
  // Rows may refer to others that come later in the exchange.
  database::run_sqlite(connection_, "PRAGMA defer_foreign_keys = ON");
  std::string stale = "DELETE FROM " + target;
  if (target_.is_referred_to) {
    std::string same;
    for (const std::string& name : target_.primary_key) {
      same += (same.empty() ? "" : " AND ") + ("s." + quote_identifier(name)) + " = " +
              quote_identifier(target_.name) + '.' + quote_identifier(name);
    }
    stale += " WHERE NOT EXISTS (SELECT 1 FROM " + quoted_ + " AS s WHERE " + same + ')';
  }
  database::run_sqlite(connection_, stale);
  const std::string list = quoted_list(columns);
  database::run_sqlite(connection_, "INSERT OR ABORT INTO " + target + " (" + list + ") SELECT " +
                                        list + " FROM " + quoted_ +
                                        (target_.is_referred_to ? upsert_clause() : std::string()));
  SqliteStatement now(connection_, "SELECT count(*) FROM " + target);
  now.step();
  check_exchange(target_.name, static_cast<std::uint64_t>(now.integer(0)), staged);
  if (!database::sqlite_has_deferred_violations(connection_)) return;
  throw Error(Code::destination_failed,
              "The rows of " + target_.name +
                  " cannot be replaced: rows of other tables refer to some that would be gone. "
                  "Nothing was changed.",
              {.hint = "Take those rows away first, or let the source bring the rows that they "
                       "refer to."});
}

void SqliteStaging::drop() { database::run_sqlite(connection_, "DROP TABLE " + quoted_); }

void SqliteStaging::leave_mark() {
  drop();
  database::run_sqlite(connection_, "CREATE TABLE main." +
                                        quote_identifier(exchanged_name(target_.name, job_id_)) +
                                        " (exchanged_at TEXT DEFAULT CURRENT_TIMESTAMP)");
}

void require_exchangeable(const SqliteTable& target, const std::vector<std::string>& columns) {
  if (!target.is_referred_to || columns.empty()) return;
  if (!fills(columns, target.primary_key)) throw_needs_key(target.name);
}

}  // namespace freight::sql
