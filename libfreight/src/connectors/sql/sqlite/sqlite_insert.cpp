#include "connectors/sql/sqlite/sqlite_insert.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <charconv>
#include <system_error>

#include "connectors/sql/destination/write_rules.hpp"
#include "core/contains.hpp"
#include "core/hex.hpp"
#include "database/sqlite/native_connection.hpp"

namespace freight::sql {
namespace {

using core::contains;

// Measured with six columns: more rows a statement bring nothing, and a refused statement is done
// again row by row.
constexpr std::size_t preferred_group_size = 32;

std::size_t group_size_for(::sqlite3* connection, std::size_t columns, bool upserts) {
  if (upserts) return 1;
  const std::size_t most = database::sqlite_parameter_limit(connection) / columns;
  return std::clamp<std::size_t>(most, 1, preferred_group_size);
}

std::string insert_statement(const SqliteTable& table, const std::vector<OutputColumn>& columns,
                             std::size_t rows) {
  std::string sql = "INSERT OR ABORT INTO main." + quote_identifier(table.name) + " (";
  std::string parameters = "(";
  for (const OutputColumn& column : columns) {
    if (parameters.size() > 1) {
      sql += ',';
      parameters += ',';
    }
    sql += quote_identifier(column.name);
    parameters += '?';
  }
  parameters += ')';
  sql += ") VALUES ";
  for (std::size_t row = 0; row < rows; ++row) {
    if (row > 0) sql += ',';
    sql += parameters;
  }
  return sql;
}

// " ON CONFLICT (key) DO UPDATE SET …" for the filled columns outside the key. Equal means the same
// bytes, whatever the column's collation takes for equal.
std::string upsert_clause(const SqliteTable& table, const std::vector<OutputColumn>& columns,
                          const UniqueKey& key) {
  std::string clause;
  for (const std::string& name : key) {
    clause += (clause.empty() ? " ON CONFLICT (" : ", ") + quote_identifier(name);
  }
  std::string assignments;
  std::string changes;
  for (const OutputColumn& column : columns) {
    if (contains(key, column.name)) continue;
    const std::string name = quote_identifier(column.name);
    if (!assignments.empty()) {
      assignments += ", ";
      changes += " OR ";
    }
    assignments.append(name).append(" = excluded.").append(name);
    changes.append(quote_identifier(table.name)).append(".").append(name);
    changes.append(" IS NOT excluded.").append(name).append(" COLLATE BINARY");
  }
  if (assignments.empty()) return clause + ") DO NOTHING";
  return clause + ") DO UPDATE SET " + assignments + " WHERE " + changes;
}

std::string lookup_statement(const SqliteTable& table, const UniqueKey& key) {
  std::string sql = "SELECT 1 FROM main." + quote_identifier(table.name);
  for (std::size_t index = 0; index < key.size(); ++index) {
    sql += (index == 0 ? " WHERE " : " AND ") + quote_identifier(key[index]) + " = ?";
  }
  return sql;
}

std::vector<SqliteAffinity> affinities_of(const SqliteTable& table,
                                          const std::vector<OutputColumn>& columns) {
  std::vector<SqliteAffinity> affinities;
  for (const OutputColumn& column : columns) {
    const SqliteColumn* found = table.find(column.name);
    affinities.push_back(found == nullptr ? SqliteAffinity::none : found->affinity);
  }
  return affinities;
}

// The whole text as a number; false when it is none, or none that fits.
template <typename Number>
bool parse(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

// A column of text affinity would write a number out again in SQLite's own way: it gets the text.
void bind(database::SqliteStatement& statement, int parameter, const Value& value,
          SqliteAffinity affinity) {
  if (value.is_null()) return statement.bind_null(parameter);
  if (value.type == ValueType::binary && affinity != SqliteAffinity::text) {
    return statement.bind_hex(parameter, value.text().substr(core::binary_prefix.size()));
  }
  if (affinity != SqliteAffinity::text) {
    std::int64_t integer = 0;
    double real = 0;
    const bool is_decimal = value.type == ValueType::decimal && affinity != SqliteAffinity::none;
    if ((value.type == ValueType::integer || is_decimal) && parse(value.text(), integer)) {
      return statement.bind_integer(parameter, integer);
    }
    if (value.type == ValueType::boolean) {
      return statement.bind_integer(parameter, value.text() == "true" ? 1 : 0);
    }
    // Nearest to the text, which SQLite's own reading is not always.
    if ((value.type == ValueType::number || is_decimal) && parse(value.text(), real)) {
      return statement.bind_real(parameter, real);
    }
  }
  statement.bind_text(parameter, value.text());
}

}  // namespace

SqliteInsert::SqliteInsert(::sqlite3* connection, const SqliteTable& table,
                           const std::vector<OutputColumn>& columns, const WriteRules& rules)
    : connection_(connection),
      names_(column_names(columns)),
      affinities_(affinities_of(table, columns)),
      group_size_(group_size_for(connection, columns.size(), rules.upserts())),
      single_sql_(insert_statement(table, columns, 1) +
                  (rules.upserts() ? upsert_clause(table, columns, rules.key) : "")),
      single_(connection, single_sql_),
      group_(connection,
             rules.upserts() ? single_sql_ : insert_statement(table, columns, group_size_)) {
  if (!rules.upserts()) return;
  key_ = key_positions(columns, rules.key);
  lookup_.emplace(connection, lookup_statement(table, rules.key));
}

bool SqliteInsert::fits(const std::vector<OutputColumn>& columns) const {
  return std::equal(
      names_.begin(), names_.end(), columns.begin(), columns.end(),
      [](const std::string& name, const OutputColumn& column) { return name == column.name; });
}

int SqliteInsert::insert_group(const OutputBatch& rows, std::size_t first) {
  int parameter = 1;
  for (std::size_t row = first; row < first + group_size_; ++row) {
    bind_row(group_, parameter, rows.row(row));
    parameter += static_cast<int>(names_.size());
  }
  return group_.try_step();
}

int SqliteInsert::insert_one(const OutputBatch& rows, std::size_t row) {
  if (lookup_) {
    const Value* const values = rows.row(row);
    for (std::size_t index = 0; index < key_.size(); ++index) {
      bind(*lookup_, static_cast<int>(index) + 1, values[key_[index]], affinities_[key_[index]]);
    }
    const int found = lookup_->try_step();
    if (found != SQLITE_ROW && found != SQLITE_DONE) return found;
    known_ = found == SQLITE_ROW;
    lookup_->reset();
  }
  bind_row(single_, 1, rows.row(row));
  return single_.try_step();
}

std::optional<SqliteInsert::Effect> SqliteInsert::effect() const {
  const bool changed = database::sqlite_changes(connection_) == 1;
  if (!changed) return known_ ? std::optional(Effect::unchanged) : std::nullopt;
  return known_ ? Effect::updated : Effect::inserted;
}

void SqliteInsert::finish() noexcept {
  group_.reset();
  single_.reset();
  if (lookup_) lookup_->reset();
}

void SqliteInsert::prepare_again() const { database::SqliteStatement(connection_, single_sql_); }

void SqliteInsert::bind_row(database::SqliteStatement& statement, int first_parameter,
                            const Value* values) {
  for (std::size_t column = 0; column < affinities_.size(); ++column) {
    bind(statement, first_parameter + static_cast<int>(column), values[column],
         affinities_[column]);
  }
}

}  // namespace freight::sql
