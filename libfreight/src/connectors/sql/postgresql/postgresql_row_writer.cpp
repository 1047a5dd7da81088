#include "connectors/sql/postgresql/postgresql_row_writer.hpp"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <utility>

#include "connectors/sql/destination/refusal.hpp"
#include "connectors/sql/postgresql/copy_context.hpp"
#include "connectors/sql/postgresql/key_query.hpp"
#include "connectors/sql/source/keyed_rows.hpp"
#include "core/fault_point.hpp"

namespace freight::sql {
namespace {

using database::PostgresqlDiagnostics;
using database::PostgresqlError;
using database::PostgresqlResult;
using Parameter = database::PostgresqlConnection::Parameter;

// Once finds all there are, but for rows whose turn comes when an earlier one of their key is
// refused for another reason.
constexpr int most_looks = 4;
constexpr const char* keep_statement = "RELEASE SAVEPOINT freight_rows; ";
constexpr const char* undo_statement =
    "ROLLBACK TO SAVEPOINT freight_rows; RELEASE SAVEPOINT freight_rows; ";

std::vector<std::string> names_of(const OutputBatch& rows) {
  std::vector<std::string> names;
  for (const OutputColumn& column : rows.columns) names.push_back(column.name);
  return names;
}

std::string copy_statement(const PostgresqlTable& table, const std::vector<std::string>& names) {
  return "COPY " + quote_table(table.name) + " (" + quoted_list(names) + ") FROM STDIN";
}

}  // namespace

PostgresqlRowWriter::PostgresqlRowWriter(database::PostgresqlConnection& connection,
                                         const PostgresqlTable& table, const WriteRules& rules,
                                         const OutputBatch& rows, const CopyText& text)
    : connection_(connection),
      table_(table),
      rules_(rules),
      rows_(rows),
      text_(text),
      constraints_(connection),
      names_(names_of(rows)),
      copy_statement_(copy_statement(table, names_)) {
  if (rules.upserts()) upsert_.emplace(table, rows.columns, rules.key);
}

PostgresqlRows PostgresqlRowWriter::write() {
  KeyedRows keyed;
  if (rules_.merges()) {
    keyed = last_of_each_key(rows_, rules_.key);
  } else {
    keyed.rows.resize(rows_.rows());
    std::iota(keyed.rows.begin(), keyed.rows.end(), 0U);
  }
  Isolated isolated = write_isolated(
      *this, std::move(keyed.rows),
      {.retry_foreign_keys = table_.refers_to_itself, .held = std::move(keyed.overtaken)});
  settle();
  out_.refused = std::move(isolated.refused);
  out_.refused.insert(out_.refused.end(), std::make_move_iterator(keyed.refused.begin()),
                      std::make_move_iterator(keyed.refused.end()));
  std::sort(out_.refused.begin(), out_.refused.end(),
            [](const RefusedRow& one, const RefusedRow& other) { return one.row < other.row; });
  return std::move(out_);
}

std::optional<Refusal> PostgresqlRowWriter::try_rows(std::span<const std::uint32_t> rows) {
  return upsert_ ? try_upsert(rows) : try_copy(rows);
}

std::optional<Refusal> PostgresqlRowWriter::try_copy(std::span<const std::uint32_t> rows) {
  try {
    const std::uint64_t copied = copy(rows);
    if (copied == rows.size()) {
      owed_ = keep_statement;
      out_.inserted += copied;
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

std::optional<Refusal> PostgresqlRowWriter::try_upsert(std::span<const std::uint32_t> rows) {
  connection_.run(std::exchange(owed_, {}) + "SAVEPOINT freight_rows");
  try {
    const UpsertCounts counts = upsert_->run(connection_, rows_, rows);
    const std::uint64_t unchanged = counts.keys - counts.inserted - counts.updated;
    if (unchanged > 0 && table_.has_row_triggers) {
      Refusal taken = taken_by_trigger(rows);
      if (!taken.culprits.empty()) return taken;
    }
    owed_ = keep_statement;
    out_.inserted += counts.inserted;
    out_.updated += counts.updated;
    out_.unchanged += unchanged;
    core::fault_point("destination.mid_rows");
    return std::nullopt;
  } catch (const PostgresqlError& error) {
    owed_ = undo_statement;
    if (!is_postgresql_refusal(error)) throw;
    return refusal(error.diagnostics(), rows);
  }
}

// A row that neither was put in nor is there: a trigger took it away.
Refusal PostgresqlRowWriter::taken_by_trigger(std::span<const std::uint32_t> rows) {
  Refusal taken;
  for (const std::uint32_t row : upsert_->missing(connection_, rows_, rows)) {
    taken.culprits.push_back({.row = row, .error = skipped_by_trigger()});
  }
  if (!taken.culprits.empty()) owed_ = undo_statement;
  return taken;
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
  out.outcome = postgresql_refusal_code(diagnostics.sqlstate) == Code::unique_violation
                    ? rules_.conflict_outcome(constraint.columns)
                    : Outcome::rejected;
  const auto place = read_copy_context(diagnostics.context, table_.name.table, names_);
  if (place && place->line >= 1 && place->line <= rows.size()) {
    const std::uint32_t row = rows[place->line - 1];
    last_refusal_ = diagnostics;
    out.earlier_are_good = true;
    out.culprits.push_back({.row = row,
                            .error = postgresql_record_error(diagnostics, place->column, constraint,
                                                             table_, rows_, row),
                            .outcome = out.outcome});
    return out;
  }
  out.error = postgresql_record_error(diagnostics, {}, constraint, table_, rows_, rows.front());
  if (out.error.code == Code::foreign_key_violation && rows.size() > 1) {
    out.culprits = orphans(diagnostics, constraint, rows);
  }
  return out;
}

Foresight PostgresqlRowWriter::foresee(const RefusedRow& culprit,
                                       std::span<const std::uint32_t> rows) {
  if (culprit.error.code != Code::unique_violation || rows.empty()) return {};
  // A partition's key says nothing of the rows of the others.
  if (last_refusal_.table != table_.name.table) return {};
  if (++looks_[last_refusal_.constraint] > most_looks) return {};
  const auto query = duplicate_query(constraints_.find(last_refusal_), table_, rows_, rows);
  if (!query) return {};
  Foresight found;
  const Outcome outcome = culprit.outcome;
  connection_.run(std::exchange(owed_, {}) + "SAVEPOINT freight_rows");
  try {
    const std::vector<Parameter> parameters(query->arrays.begin(), query->arrays.end());
    const PostgresqlResult answer = connection_.run(query->sql, parameters);
    const auto row_at = [&](int index, int column) {
      return rows[static_cast<std::size_t>(answer.integer(index, column)) - 1];
    };
    for (int index = 0; index < answer.rows(); ++index) {
      const std::uint32_t row = row_at(index, 0);
      RecordError error = duplicate_error(query->columns, row);
      if (answer.is_null(index, 1)) {
        found.culprits.push_back({.row = row, .error = std::move(error), .outcome = outcome});
      } else {
        found.held.emplace(row_at(index, 1),
                           HeldRow{.row = row, .error = std::move(error), .outcome = outcome});
      }
    }
    owed_ = keep_statement;
  } catch (const PostgresqlError& error) {
    // Perhaps the role may not read the table, or a row's key is no value of its type: then the
    // rows find out one by one.
    if (!is_postgresql_refusal(error)) throw;
    owed_ = undo_statement;
  }
  return found;
}

// In the words that the server has for the row that it found itself.
RecordError PostgresqlRowWriter::duplicate_error(const std::vector<std::size_t>& columns,
                                                 std::uint32_t row) const {
  const Value* values = rows_.row(row);
  std::string names;
  std::string texts;
  for (const std::size_t column : columns) {
    if (!names.empty()) {
      names += ", ";
      texts += ", ";
    }
    names += rows_.columns[column].name;
    texts += kept_value(values[column]).value_or("null");
  }
  RecordError error =
      write_error(Code::unique_violation,
                  last_refusal_.message + ": Key (" + names + ")=(" + texts + ") already exists.");
  error.sqlstate = last_refusal_.sqlstate;
  name_single_column(error, rows_, columns, values);
  return error;
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
