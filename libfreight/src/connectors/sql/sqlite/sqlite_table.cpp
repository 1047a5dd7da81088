#include "connectors/sql/sqlite/sqlite_table.hpp"

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <utility>

#include "core/ascii.hpp"
#include "database/sqlite/native_statement.hpp"
#include "freight/error.hpp"

namespace freight::sql {
namespace {

using database::SqliteStatement;

bool same_name(std::string_view left, std::string_view right) {
  return left.size() == right.size() && core::ascii_upper(left) == core::ascii_upper(right);
}

// What a column of a STRICT table takes. Outside of these SQLite refuses no type.
std::optional<ValueType> strict_type(std::string_view declared) {
  const std::string type = core::ascii_upper(declared);
  if (type == "INT" || type == "INTEGER") return ValueType::integer;
  if (type == "REAL") return ValueType::number;
  if (type == "TEXT") return ValueType::string;
  if (type == "BLOB") return ValueType::binary;
  return std::nullopt;
}

struct TableKind {
  std::string name;
  bool strict = false;
  bool without_rowid = false;
};

std::optional<TableKind> find_table(::sqlite3* connection, const TableName& name) {
  if (!name.schema.empty() && !same_name(name.schema, "main")) return std::nullopt;
  SqliteStatement query(connection,
                        "SELECT name, type, strict, wr FROM pragma_table_list "
                        "WHERE schema = 'main' AND name = ?1 COLLATE NOCASE");
  query.bind_text(1, name.table);
  if (!query.step()) return std::nullopt;
  const std::string_view type = query.text(1);
  if (type != "table") {
    throw Error(Code::destination_failed,
                "The destination " + name.table + " is a " + std::string(type) +
                    (type == "view" ? "" : " table") + ", which Freight does not write to.",
                {.hint = "Name the table behind it."});
  }
  return TableKind{.name = std::string(query.text(0)),
                   .strict = query.integer(2) != 0,
                   .without_rowid = query.integer(3) != 0};
}

SqliteColumn read_column(const SqliteStatement& row, bool strict) {
  SqliteColumn out;
  out.column.name = row.text(1);
  out.column.native_type = row.text(2);
  out.column.not_null = row.integer(3) != 0;
  out.column.has_default = !row.is_null(4);
  out.column.generated = row.integer(6) != 0;
  const std::string_view declared = row.text(2);
  out.affinity = sqlite_affinity(declared);
  if (strict) {
    out.column.type = strict_type(declared);
    if (same_name(declared, "ANY")) out.affinity = SqliteAffinity::none;
    if (out.column.type == ValueType::integer) out.column.integer_bits = 64;
    out.column.binary_only = out.column.type == ValueType::binary;
  }
  if (out.affinity == SqliteAffinity::real) out.column.float_bits = 64;
  out.column.lossy_decimal = out.affinity == SqliteAffinity::numeric ||
                             out.affinity == SqliteAffinity::real ||
                             out.affinity == SqliteAffinity::integer;
  return out;
}

// An INTEGER PRIMARY KEY is the rowid itself: it takes nothing but integers, and NULL picks the
// next.
void mark_rowid_alias(SqliteTable& table) {
  if (!table.has_rowid || table.primary_key.size() != 1) return;
  for (SqliteColumn& column : table.columns) {
    if (column.column.name != table.primary_key.front()) continue;
    if (!same_name(column.column.native_type, "INTEGER")) return;
    column.column.type = ValueType::integer;
    column.column.integer_bits = 64;
    column.column.not_null = false;
    column.column.has_default = true;
  }
}

void read_columns(::sqlite3* connection, bool strict, SqliteTable& table) {
  SqliteStatement query(connection,
                        "SELECT cid, name, type, \"notnull\", dflt_value, pk, hidden "
                        "FROM pragma_table_xinfo(?1)");
  query.bind_text(1, table.name);
  std::vector<std::pair<std::int64_t, std::string>> key;
  while (query.step()) {
    table.columns.push_back(read_column(query, strict));
    if (query.integer(5) > 0) key.emplace_back(query.integer(5), std::string(query.text(1)));
  }
  std::sort(key.begin(), key.end());
  for (auto& [position, name] : key) table.primary_key.push_back(std::move(name));
}

void read_foreign_keys(::sqlite3* connection, SqliteTable& table) {
  SqliteStatement query(connection,
                        "SELECT seq, \"table\", \"from\", \"to\" FROM pragma_foreign_key_list(?1) "
                        "ORDER BY id, seq");
  query.bind_text(1, table.name);
  while (query.step()) {
    if (query.integer(0) == 0) {
      table.foreign_keys.push_back({.table = std::string(query.text(1)), .from = {}, .to = {}});
    }
    SqliteForeignKey& key = table.foreign_keys.back();
    key.from.emplace_back(query.text(2));
    if (!query.is_null(3)) key.to.emplace_back(query.text(3));
  }
}

// The columns of an index; none when it has an expression among them.
UniqueKey index_columns(::sqlite3* connection, std::string_view index) {
  SqliteStatement query(connection, "SELECT name FROM pragma_index_info(?1) ORDER BY seqno");
  query.bind_text(1, index);
  UniqueKey columns;
  while (query.step()) {
    if (query.is_null(0)) return {};
    columns.emplace_back(query.text(0));
  }
  return columns;
}

void read_unique_keys(::sqlite3* connection, SqliteTable& table) {
  // The rowid's alias and the key of a table without rowids have no index of their own.
  if (!table.primary_key.empty()) table.unique_keys.push_back(table.primary_key);
  SqliteStatement query(connection,
                        "SELECT name FROM pragma_index_list(?1) WHERE \"unique\" AND NOT partial "
                        "AND origin <> 'pk' ORDER BY seq DESC");
  query.bind_text(1, table.name);
  while (query.step()) {
    UniqueKey key = index_columns(connection, query.text(0));
    if (!key.empty()) table.unique_keys.push_back(std::move(key));
  }
}

bool is_referred_to(::sqlite3* connection, const std::string& table) {
  SqliteStatement query(connection,
                        "SELECT 1 FROM main.sqlite_schema s JOIN pragma_foreign_key_list(s.name) k "
                        "WHERE s.type = 'table' AND k.\"table\" = ?1 COLLATE NOCASE "
                        "AND s.name <> ?1 COLLATE NOCASE");
  query.bind_text(1, table);
  return query.step();
}

}  // namespace

const SqliteColumn* SqliteTable::find(std::string_view column) const {
  const auto found = std::find_if(
      columns.begin(), columns.end(),
      [column](const SqliteColumn& candidate) { return same_name(candidate.column.name, column); });
  return found == columns.end() ? nullptr : &*found;
}

bool SqliteTable::refers_to_itself() const {
  return std::any_of(foreign_keys.begin(), foreign_keys.end(),
                     [this](const SqliteForeignKey& key) { return same_name(key.table, name); });
}

std::vector<std::string> SqliteTable::column_names() const {
  std::vector<std::string> names;
  for (const SqliteColumn& column : columns) {
    if (!column.column.generated) names.push_back(column.column.name);
  }
  return names;
}

std::vector<std::string> SqliteTable::own_names(const std::vector<std::string>& names) const {
  std::vector<std::string> own;
  for (const std::string& wanted : names) {
    const SqliteColumn* const column = find(wanted);
    own.push_back(column == nullptr ? wanted : column->column.name);
  }
  return own;
}

DestinationCatalog SqliteTable::catalog() const {
  DestinationCatalog catalog;
  for (const SqliteColumn& column : columns) catalog.columns.push_back(column.column);
  catalog.primary_key = primary_key;
  return catalog;
}

std::optional<SqliteTable> read_sqlite_table(::sqlite3* connection, const TableName& name) {
  const std::optional<TableKind> kind = find_table(connection, name);
  if (!kind) return std::nullopt;
  SqliteTable table;
  table.name = kind->name;
  table.has_rowid = !kind->without_rowid;
  read_columns(connection, kind->strict, table);
  mark_rowid_alias(table);
  read_foreign_keys(connection, table);
  read_unique_keys(connection, table);
  table.is_referred_to = is_referred_to(connection, table.name);
  return table;
}

std::vector<std::string> sqlite_table_names(::sqlite3* connection) {
  SqliteStatement query(connection,
                        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND "
                        "type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name");
  std::vector<std::string> names;
  while (query.step()) names.emplace_back(query.text(0));
  return names;
}

std::string_view sqlite_column_type(ValueType type) {
  switch (type) {
    case ValueType::integer:
      return "BIGINT";
    case ValueType::number:
      return "REAL";
    case ValueType::boolean:
      return "INTEGER";
    case ValueType::binary:
      return "BLOB";
    default:
      // Decimals too: any numeric column would keep them as binary floats.
      return "TEXT";
  }
}

SqliteAffinity sqlite_affinity(std::string_view declared_type) {
  const std::string type = core::ascii_upper(declared_type);
  const auto holds = [&type](std::initializer_list<std::string_view> parts) {
    return std::any_of(parts.begin(), parts.end(), [&type](std::string_view part) {
      return type.find(part) != std::string::npos;
    });
  };
  if (holds({"INT"})) return SqliteAffinity::integer;
  if (holds({"CHAR", "CLOB", "TEXT"})) return SqliteAffinity::text;
  if (type.empty() || holds({"BLOB"})) return SqliteAffinity::none;
  if (holds({"REAL", "FLOA", "DOUB"})) return SqliteAffinity::real;
  return SqliteAffinity::numeric;
}

}  // namespace freight::sql
