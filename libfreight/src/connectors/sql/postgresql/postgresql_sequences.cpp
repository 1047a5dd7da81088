#include "connectors/sql/postgresql/postgresql_sequences.hpp"

#include <array>
#include <optional>

namespace freight::sql {
namespace {

using database::PostgresqlConnection;
using database::PostgresqlError;
using Parameter = PostgresqlConnection::Parameter;

// The sequence that a column owns, quoted; nullopt when there is none that counts up.
std::optional<std::string> owned_sequence(PostgresqlConnection& connection,
                                          const std::string& table, const std::string& column) {
  const std::array<Parameter, 2> parameters{table, column};
  const auto found = connection.run(
      "SELECT s.seqrelid::regclass::text FROM pg_sequence s "
      "WHERE s.seqrelid = pg_get_serial_sequence($1, $2)::regclass AND s.seqincrement > 0",
      parameters);
  if (found.rows() == 0) return std::nullopt;
  return std::string(found.text(0, 0));
}

// Only ever upwards; and a sequence that has not given out the maximum yet is told that it is
// taken.
std::string move_statement(const std::string& table, const std::string& column,
                           const std::string& sequence) {
  return "SELECT setval(s.seqrelid, m.highest) FROM "
         "(SELECT max(" +
         quote_identifier(column) + ")::bigint AS highest FROM " + table + ") m, " + sequence +
         " now_at, pg_sequence s WHERE s.seqrelid = $1::regclass AND m.highest <= s.seqmax AND "
         "(m.highest > now_at.last_value OR (m.highest = now_at.last_value AND NOT "
         "now_at.is_called))";
}

}  // namespace

std::vector<std::string> sync_sequences(PostgresqlConnection& connection,
                                        const PostgresqlTable& table,
                                        const std::vector<std::string>& columns) {
  std::vector<std::string> warnings;
  const std::string name = quote_table(table.name);
  for (const std::string& column : columns) {
    const auto sequence = owned_sequence(connection, name, column);
    if (!sequence) continue;
    const std::array<Parameter, 1> parameters{*sequence};
    connection.run("SAVEPOINT freight_sequence");
    try {
      connection.run(move_statement(name, column, *sequence), parameters);
      connection.run("RELEASE SAVEPOINT freight_sequence");
    } catch (const PostgresqlError& error) {
      if (error.diagnostics().sqlstate != "42501") throw;
      connection.run("ROLLBACK TO SAVEPOINT freight_sequence");
      warnings.push_back(
          "The sequence " + *sequence + " of the column " + column +
          " was not moved up to the column's maximum: " + error.diagnostics().message + '.');
    }
  }
  return warnings;
}

}  // namespace freight::sql
