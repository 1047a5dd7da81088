#include "connectors/sql/sqlite/sqlite_error_map.hpp"

#include <sqlite3.h>

#include <utility>

#include "connectors/sql/destination/destination_error.hpp"
#include "connectors/sql/destination/refusal.hpp"
#include "database/sqlite/native_statement.hpp"

namespace freight::sql {
namespace {

using database::DatabaseFailure;

// What follows the colon of "UNIQUE constraint failed: people.email, people.tenant".
std::string_view failed_part(std::string_view text) {
  const std::size_t colon = text.find(": ");
  return colon == std::string_view::npos ? std::string_view() : text.substr(colon + 2);
}

// The columns that SQLite names as `table.column`, separated by commas. Empty when it names none
// (an index on an expression).
std::vector<std::string> failed_names(std::string_view text, const std::string& table) {
  std::vector<std::string> names;
  const std::string prefix = table + '.';
  std::string_view rest = failed_part(text);
  while (rest.starts_with(prefix)) {
    rest.remove_prefix(prefix.size());
    const std::size_t next = rest.find(", " + prefix);
    names.emplace_back(rest.substr(0, next));
    if (next == std::string_view::npos) return names;
    rest.remove_prefix(next + 2);
  }
  return {};
}

// The same among the columns of the batch; empty when it lacks one of them.
std::vector<std::size_t> failed_columns(std::string_view text, const std::string& table,
                                        const OutputBatch& rows) {
  std::vector<std::size_t> columns;
  for (const std::string& name : failed_names(text, table)) {
    const auto column = find_column(rows, name, true);
    if (!column) return {};
    columns.push_back(*column);
  }
  return columns;
}

bool is_unique_violation(int code) {
  return code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY ||
         code == SQLITE_CONSTRAINT_ROWID;
}

std::vector<std::size_t> key_columns(const SqliteForeignKey& key, const OutputBatch& rows) {
  std::vector<std::size_t> columns;
  for (const std::string& name : key.from) {
    const auto column = find_column(rows, name, true);
    if (!column) return {};
    columns.push_back(*column);
  }
  return columns;
}

}  // namespace

Error sqlite_destination_error(const DatabaseFailure& failure, std::string_view doing) {
  const int primary = failure.native_code & 0xff;
  if (failure.condition == database::Condition::other &&
      (primary == SQLITE_IOERR || primary == SQLITE_NOMEM || primary == SQLITE_PROTOCOL)) {
    return {Code::destination_failed, Category::transient,
            std::string(doing) + ": " + failure.text};
  }
  return destination_error(failure, doing);
}

bool is_sqlite_refusal(int result_code) {
  const int primary = result_code & 0xff;
  return primary == SQLITE_CONSTRAINT || primary == SQLITE_MISMATCH || primary == SQLITE_TOOBIG;
}

RecordError SqliteRefusals::error_of(const DatabaseFailure& failure, const OutputBatch& rows,
                                     std::size_t row) {
  const Value* values = rows.row(row);
  if (is_unique_violation(failure.native_code)) return unique(failure, rows, values);
  switch (failure.native_code) {
    case SQLITE_CONSTRAINT_NOTNULL:
      return of_column(Code::not_null_violation, failure, rows, values);
    case SQLITE_CONSTRAINT_DATATYPE:
    case SQLITE_MISMATCH:
      return of_column(Code::type_mismatch, failure, rows, values);
    case SQLITE_CONSTRAINT_FOREIGNKEY:
      return foreign_key(rows, values);
    case SQLITE_CONSTRAINT_CHECK: {
      RecordError error = write_error(Code::check_violation, failure.text);
      error.expected = failed_part(failure.text);
      return error;
    }
    case SQLITE_TOOBIG:
      return write_error(Code::too_long, "The record is longer than SQLite stores in one row.");
    default:
      return write_error(Code::destination_rejected, failure.text);
  }
}

std::vector<std::string> SqliteRefusals::conflict_columns(const DatabaseFailure& failure) const {
  if (!is_unique_violation(failure.native_code)) return {};
  return table_.own_names(failed_names(failure.text, table_.name));
}

RecordError SqliteRefusals::unique(const DatabaseFailure& failure, const OutputBatch& rows,
                                   const Value* values) const {
  const auto columns = failed_columns(failure.text, table_.name, rows);
  RecordError error = write_error(Code::unique_violation, failure.text);
  if (!columns.empty()) {
    error.message = "The table " + table_.name + " already has a row with " +
                    assignments(rows, columns, values) + '.';
  }
  name_single_column(error, rows, columns, values);
  return error;
}

RecordError SqliteRefusals::of_column(Code code, const DatabaseFailure& failure,
                                      const OutputBatch& rows, const Value* values) const {
  RecordError error = write_error(code, failure.text);
  // "NOT NULL constraint failed: t.c", "cannot store TEXT value in INTEGER column t.c"
  for (std::size_t column = 0; column < rows.columns.size(); ++column) {
    const std::string name = table_.name + '.' + rows.columns[column].name;
    if (failure.text.ends_with(' ' + name)) {
      name_single_column(error, rows, {column}, values);
      break;
    }
  }
  if (failure.native_code == SQLITE_MISMATCH && table_.primary_key.size() == 1) {
    // Only the rowid's alias answers so, and without naming itself.
    if (const auto column = find_column(rows, table_.primary_key.front(), true)) {
      name_single_column(error, rows, {*column}, values);
    }
    error.expected = "integer";
    error.message = "The primary key takes nothing but integers.";
  }
  const SqliteColumn* column = table_.find(error.column);
  if (code == Code::type_mismatch && column != nullptr) error.expected = column->column.native_type;
  return error;
}

std::optional<RecordError> SqliteRefusals::orphan(const OutputBatch& rows, const Value* values) {
  // SQLite does not say which of the keys it was.
  for (const SqliteForeignKey& key : table_.foreign_keys) {
    const auto columns = key_columns(key, rows);
    if (columns.empty() || has_parent(key, rows, values)) continue;
    return missing_parent(rows, columns, values, key.table);
  }
  return std::nullopt;
}

RecordError SqliteRefusals::foreign_key(const OutputBatch& rows, const Value* values) {
  auto error = orphan(rows, values);
  if (error) return *std::move(error);
  return write_error(Code::foreign_key_violation,
                     "The record refers to a row that the destination lacks.");
}

bool SqliteRefusals::has_parent(const SqliteForeignKey& key, const OutputBatch& rows,
                                const Value* values) {
  const std::vector<std::string>& parent = parent_columns(key);
  if (parent.size() != key.from.size()) return true;
  std::string sql = "SELECT 1 FROM " + quote_identifier(key.table) + " WHERE 1";
  for (const std::string& column : parent) sql += " AND " + quote_identifier(column) + " = ?";
  database::SqliteStatement query(connection_, sql);
  int parameter = 0;
  for (const std::size_t column : key_columns(key, rows)) {
    // One NULL and the key refers to nothing.
    if (values[column].is_null()) return true;
    query.bind_text(++parameter, values[column].text());
  }
  return query.step();
}

const std::vector<std::string>& SqliteRefusals::parent_columns(const SqliteForeignKey& key) {
  if (!key.to.empty()) return key.to;
  const auto known = parent_keys_.find(key.table);
  if (known != parent_keys_.end()) return known->second;
  const auto table =
      read_sqlite_table(connection_, {.schema = {}, .table = key.table, .quoted = true});
  return parent_keys_[key.table] = table ? table->primary_key : std::vector<std::string>();
}

}  // namespace freight::sql
