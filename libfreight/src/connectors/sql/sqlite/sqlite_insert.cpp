#include "connectors/sql/sqlite/sqlite_insert.hpp"

#include <algorithm>
#include <charconv>
#include <system_error>

#include "database/sqlite/native_connection.hpp"

namespace freight::sql {
namespace {

// Measured with six columns: more rows a statement bring nothing, and a refused statement is done
// again row by row.
constexpr std::size_t preferred_group_size = 32;

std::size_t group_size_for(::sqlite3* connection, std::size_t columns) {
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

std::vector<std::string> names_of(const std::vector<OutputColumn>& columns) {
  std::vector<std::string> names;
  for (const OutputColumn& column : columns) names.push_back(column.name);
  return names;
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
  if (affinity != SqliteAffinity::text) {
    std::int64_t integer = 0;
    double real = 0;
    if (value.type == ValueType::integer && parse(value.text(), integer)) {
      return statement.bind_integer(parameter, integer);
    }
    if (value.type == ValueType::boolean) {
      return statement.bind_integer(parameter, value.text() == "true" ? 1 : 0);
    }
    if (value.type == ValueType::number && parse(value.text(), real)) {
      return statement.bind_real(parameter, real);
    }
  }
  statement.bind_text(parameter, value.text());
}

}  // namespace

SqliteInsert::SqliteInsert(::sqlite3* connection, const SqliteTable& table,
                           const std::vector<OutputColumn>& columns)
    : connection_(connection),
      names_(names_of(columns)),
      affinities_(affinities_of(table, columns)),
      group_size_(group_size_for(connection, columns.size())),
      single_sql_(insert_statement(table, columns, 1)),
      single_(connection, single_sql_),
      group_(connection, insert_statement(table, columns, group_size_)) {}

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
  bind_row(single_, 1, rows.row(row));
  return single_.try_step();
}

void SqliteInsert::finish() noexcept {
  group_.reset();
  single_.reset();
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
