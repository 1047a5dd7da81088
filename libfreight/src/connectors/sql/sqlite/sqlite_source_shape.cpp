#include "connectors/sql/sqlite/sqlite_source_shape.hpp"

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "connectors/sql/source/source_error.hpp"
#include "connectors/sql/sqlite/sqlite_source_key.hpp"
#include "connectors/sql/sqlite/sqlite_table.hpp"
#include "core/ascii.hpp"
#include "database/sqlite/native_connection.hpp"
#include "database/sqlite/native_statement.hpp"

namespace freight::sql {
namespace {

using database::SqliteStatement;

// A number and what stands around it.
constexpr std::uint64_t bytes_of_field = 16;

// The table or view by its name as it is; throws when there is none.
std::string find_relation(::sqlite3* connection, const TableName& name, const std::string& display,
                          bool& is_table) {
  const bool is_main = name.schema.empty() || core::ascii_upper(name.schema) == "MAIN";
  SqliteStatement query(connection,
                        "SELECT name, type FROM pragma_table_list WHERE schema = 'main' AND "
                        "name = ?1 COLLATE NOCASE");
  query.bind_text(1, name.table);
  if (!is_main || !query.step()) {
    throw_no_source_table(name, display, sqlite_table_names(connection));
  }
  is_table = query.text(1) == "table";
  return std::string(query.text(0));
}

// The database's own words for why it does not take the text that begins after `before` bytes.
[[noreturn]] void refuse(::sqlite3* connection, const database::DatabaseError& error,
                         RefusedSql refused, std::size_t before,
                         const std::vector<std::string>& fields) {
  if (error.failure().condition != database::Condition::other &&
      error.failure().condition != database::Condition::missing) {
    throw error;
  }
  refused.reason = error.failure().text;
  if (const auto offset = database::sqlite_error_offset(connection)) {
    if (*offset >= before) refused.offset = *offset - before;
  }
  const std::string column = name_after(refused.reason, "no such column: ");
  if (!column.empty()) refused.hint = suggestion(column, fields);
  const std::string table = name_after(refused.reason, "no such table: ");
  if (!table.empty()) refused.hint = suggestion(table, sqlite_table_names(connection));
  throw refused_sql(refused);
}

void check_query(::sqlite3* connection, const SqlSourceSpec& spec, const std::string& query) {
  const RefusedSql refused{.key = "source.query", .text = spec.query};
  try {
    const SqliteStatement statement(connection, query);
    const SqliteStatement rest(connection, statement.rest());
    if (statement.is_empty() || !rest.is_empty() || !statement.only_reads() ||
        statement.columns() == 0) {
      throw refused_sql(
          {.key = "source.query", .text = spec.query, .reason = "it is not a single SELECT"});
    }
    check_parameters(spec, static_cast<std::size_t>(statement.parameters()));
    // Within another SELECT repeated names would be given numbers.
    std::vector<std::string> names;
    names.reserve(static_cast<std::size_t>(statement.columns()));
    for (int column = 0; column < statement.columns(); ++column) {
      names.emplace_back(statement.column_name(column));
    }
    refuse_repeated_fields(names);
  } catch (const database::DatabaseError& error) {
    refuse(connection, error, refused, 0, {});
  }
  // What reads but cannot stand in a FROM: PRAGMA, EXPLAIN.
  try {
    const SqliteStatement within(connection, "SELECT * FROM (" + query + "\n)");
  } catch (const database::DatabaseError&) {
    throw refused_sql(
        {.key = "source.query", .text = spec.query, .reason = "it is not a single SELECT"});
  }
}

void check_where(::sqlite3* connection, const SqlSourceSpec& spec, const SourceShape& shape) {
  if (spec.where.empty()) {
    check_parameters(spec, 0);
    return;
  }
  const std::string before = "SELECT 1 FROM " + shape.from + " WHERE (";
  const std::string text = before + spec.where + "\n)";
  try {
    const SqliteStatement statement(connection, text);
    if (!SqliteStatement(connection, statement.rest()).is_empty()) {
      throw refused_sql(
          {.key = "source.where", .text = spec.where, .reason = "it is more than a condition"});
    }
    check_parameters(spec, static_cast<std::size_t>(statement.parameters()));
  } catch (const database::DatabaseError& error) {
    refuse(connection, error, {.key = "source.where", .text = spec.where}, before.size(),
           shape.fields);
  }
}

// A text or blob may be of any length; in a column for numbers nothing else is expected.
bool is_short(std::string_view declared_type) {
  const SqliteAffinity affinity = sqlite_affinity(declared_type);
  return affinity == SqliteAffinity::integer || affinity == SqliteAffinity::real;
}

void read_columns(::sqlite3* connection, SourceShape& shape) {
  const SqliteStatement all(connection, "SELECT * FROM " + shape.from);
  for (int column = 0; column < all.columns(); ++column) {
    const std::string& name = shape.fields.emplace_back(all.column_name(column));
    const std::string_view type = all.declared_type(column);
    shape.types.push_back(sqlite_value_type(type));
    shape.native_types.emplace_back(type);
    shape.fixed_bytes += bytes_of_field;
    if (!type.empty() && is_short(type)) continue;
    if (!shape.further_bytes.empty()) shape.further_bytes += " + ";
    // Of a blob the length is known without reading it.
    shape.further_bytes += "coalesce(length(CAST(" + quote_identifier(name) + " AS BLOB)), 0)";
  }
  refuse_repeated_fields(shape.fields);
}

}  // namespace

std::optional<ValueType> sqlite_value_type(std::string_view declared_type) {
  const std::string type = core::ascii_upper(declared_type);
  const auto holds = [&type](std::initializer_list<std::string_view> parts) {
    return std::any_of(parts.begin(), parts.end(), [&type](std::string_view part) {
      return type.find(part) != std::string::npos;
    });
  };
  if (type.empty()) return std::nullopt;
  if (holds({"BOOL"})) return ValueType::boolean;
  if (holds({"DATETIME", "TIMESTAMP"})) return ValueType::datetime;
  if (holds({"DATE"})) return ValueType::date;
  if (holds({"UUID"})) return ValueType::uuid;
  if (holds({"JSON"})) return ValueType::json;
  if (holds({"DECIMAL", "NUMERIC"})) return ValueType::decimal;
  if (holds({"BLOB", "BINARY"})) return ValueType::binary;
  if (type == "TIME") return ValueType::time;
  switch (sqlite_affinity(declared_type)) {
    case SqliteAffinity::integer:
      return ValueType::integer;
    case SqliteAffinity::real:
      return ValueType::number;
    case SqliteAffinity::text:
      return ValueType::string;
    case SqliteAffinity::numeric:
      return ValueType::decimal;
    case SqliteAffinity::none:
      break;
  }
  return std::nullopt;
}

SourceShape look_at_sqlite_source(::sqlite3* connection, const SqlSourceSpec& spec,
                                  const std::string& display) {
  SourceShape shape;
  shape.parameter_mark = '?';
  shape.parameters = spec.params.size();
  if (!spec.query.empty()) {
    const std::string query = bare_query(spec.query);
    check_query(connection, spec, query);
    shape.from = '(' + query + "\n) AS freight_source";
    read_columns(connection, shape);
    set_trusted_key(spec.key, shape);
    return shape;
  }
  bool is_table = false;
  const std::string table = find_relation(connection, source_table_name(spec), display, is_table);
  shape.from = "main." + quote_identifier(table);
  read_columns(connection, shape);
  check_where(connection, spec, shape);
  shape.condition = spec.where;
  if (is_table) {
    set_sqlite_table_key(connection, table, spec.key, shape);
  } else {
    set_trusted_key(spec.key, shape);
  }
  return shape;
}

}  // namespace freight::sql
