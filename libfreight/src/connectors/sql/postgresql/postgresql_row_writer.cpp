#include "connectors/sql/postgresql/postgresql_row_writer.hpp"

#include <array>
#include <numeric>
#include <utility>

#include "connectors/sql/postgresql/copy_context.hpp"
#include "connectors/sql/postgresql/orphan_query.hpp"
#include "connectors/sql/refusal.hpp"
#include "core/fault_point.hpp"

namespace freight::sql {
namespace {

using database::PostgresqlDiagnostics;
using database::PostgresqlError;
using database::PostgresqlResult;
using Parameter = database::PostgresqlConnection::Parameter;

constexpr const char* keep_statement = "RELEASE SAVEPOINT freight_rows; ";
constexpr const char* undo_statement =
    "ROLLBACK TO SAVEPOINT freight_rows; RELEASE SAVEPOINT freight_rows; ";

std::vector<std::string> names_of(const OutputBatch& rows) {
  std::vector<std::string> names;
  for (const OutputColumn& column : rows.columns) names.push_back(column.name);
  return names;
}

std::string copy_statement(const PostgresqlTable& table, const std::vector<std::string>& names) {
  std::string sql = "COPY " + quote_table(table.name) + " (";
  for (const std::string& name : names) {
    if (sql.back() != '(') sql += ", ";
    sql += quote_identifier(name);
  }
  return sql + ") FROM STDIN";
}

}  // namespace

PostgresqlRowWriter::PostgresqlRowWriter(database::PostgresqlConnection& connection,
                                         const PostgresqlTable& table, const OutputBatch& rows,
                                         const CopyText& text)
    : connection_(connection),
      table_(table),
      rows_(rows),
      text_(text),
      constraints_(connection),
      names_(names_of(rows)),
      copy_statement_(copy_statement(table, names_)) {}

std::vector<RefusedRow> PostgresqlRowWriter::write() {
  std::vector<std::uint32_t> all(rows_.rows());
  std::iota(all.begin(), all.end(), 0U);
  std::vector<RefusedRow> refused = write_isolated(*this, std::move(all), table_.refers_to_itself);
  settle();
  return refused;
}

std::optional<Refusal> PostgresqlRowWriter::try_rows(std::span<const std::uint32_t> rows) {
  try {
    const std::uint64_t copied = copy(rows);
    if (copied == rows.size()) {
      owed_ = keep_statement;
      core::fault_point("destination.mid_rows");
      return std::nullopt;
    }
    owed_ = undo_statement;
    Refusal skipped;
    skipped.error = skipped_by_trigger();
    return skipped;
  } catch (const database::CopyRefused& error) {
    owed_ = undo_statement;
    if (!is_postgresql_refusal(error)) throw;
    return refusal(error.diagnostics(), rows);
  }
}

std::uint64_t PostgresqlRowWriter::copy(std::span<const std::uint32_t> rows) {
  const std::vector<std::string_view> pieces = text_.pieces(rows);
  const auto attempt = [&](bool stop_early) {
    const std::string begin = std::exchange(owed_, {}) + "SAVEPOINT freight_rows; ";
    return connection_.copy_in(begin + copy_statement_, pieces, stop_early);
  };
  if (const auto copied = attempt(true)) return *copied;
  owed_ = undo_statement;
  return attempt(false).value_or(0);
}

Refusal PostgresqlRowWriter::refusal(const PostgresqlDiagnostics& diagnostics,
                                     std::span<const std::uint32_t> rows) {
  Refusal out;
  if (!constraints_.knows(diagnostics)) settle();
  const PostgresqlConstraint& constraint = constraints_.find(diagnostics);
  const auto place = read_copy_context(diagnostics.context, table_.name.table, names_);
  if (place && place->line >= 1 && place->line <= rows.size()) {
    const std::uint32_t row = rows[place->line - 1];
    out.earlier_are_good = true;
    out.culprits.push_back({.row = row,
                            .error = postgresql_record_error(diagnostics, place->column, constraint,
                                                             table_, rows_, row)});
    return out;
  }
  out.error = postgresql_record_error(diagnostics, {}, constraint, table_, rows_, rows.front());
  if (out.error.code == Code::foreign_key_violation && rows.size() > 1) {
    out.culprits = orphans(diagnostics, constraint, rows);
  }
  return out;
}

std::vector<RefusedRow> PostgresqlRowWriter::orphans(const PostgresqlDiagnostics& diagnostics,
                                                     const PostgresqlConstraint& key,
                                                     std::span<const std::uint32_t> rows) {
  const auto query = orphan_query(key, rows_, rows);
  if (!query) return {};
  std::vector<RefusedRow> refused;
  connection_.run(std::exchange(owed_, {}) + "SAVEPOINT freight_rows");
  try {
    std::vector<Parameter> parameters(query->arrays.begin(), query->arrays.end());
    const PostgresqlResult found = connection_.run(query->sql, parameters);
    for (int index = 0; index < found.rows(); ++index) {
      const std::uint32_t row = rows[static_cast<std::size_t>(found.integer(index, 0)) - 1];
      RecordError error = missing_parent(rows_, query->columns, rows_.row(row), key.parent_name);
      error.sqlstate = diagnostics.sqlstate;
      refused.push_back({.row = row, .error = std::move(error)});
    }
    owed_ = keep_statement;
  } catch (const PostgresqlError& error) {
    // Perhaps the role may not read the other table: then the rows find out one by one.
    if (!is_postgresql_refusal(error)) throw;
    owed_ = undo_statement;
  }
  return refused;
}

void PostgresqlRowWriter::settle() {
  if (!owed_.empty()) connection_.run(std::exchange(owed_, {}));
}

}  // namespace freight::sql
