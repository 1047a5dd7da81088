#include "connectors/sql/sqlite/sqlite_source_key.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "core/contains.hpp"
#include "database/sqlite/native_connection.hpp"
#include "database/sqlite/native_statement.hpp"

namespace freight::sql {
namespace {

using core::contains;
using database::SqliteStatement;

struct Column {
  std::string name;
  bool not_null = false;
};

/// A unique index, or the rowid's alias, which has none.
struct UniqueIndex {
  /// By column: the index's collation; empty for the rowid's alias.
  std::map<std::string, std::string, std::less<>> collations;
};

struct SourceTableKeys {
  std::vector<Column> columns;
  std::vector<std::string> primary_key;
  std::vector<UniqueIndex> unique;
  bool has_rowid = true;
};

bool same_letters(std::string_view left, std::string_view right) {
  const auto lower = [](char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
  };
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [&](char one, char other) { return lower(one) == lower(other); });
}

void read_columns(::sqlite3* connection, const std::string& table, SourceTableKeys& keys,
                  std::string& key_type) {
  SqliteStatement query(connection,
                        "SELECT name, \"notnull\", pk, type FROM pragma_table_xinfo(?1)");
  query.bind_text(1, table);
  std::vector<std::pair<std::int64_t, std::string>> primary;
  while (query.step()) {
    keys.columns.push_back({.name = std::string(query.text(0)), .not_null = query.integer(1) != 0});
    if (query.integer(2) == 0) continue;
    primary.emplace_back(query.integer(2), keys.columns.back().name);
    key_type = query.text(3);
  }
  std::sort(primary.begin(), primary.end());
  for (auto& [place, name] : primary) keys.primary_key.push_back(std::move(name));
}

std::optional<UniqueIndex> read_index(::sqlite3* connection, std::string_view index) {
  SqliteStatement query(connection,
                        "SELECT cid, name, coll FROM pragma_index_xinfo(?1) WHERE key = 1");
  query.bind_text(1, index);
  UniqueIndex key;
  while (query.step()) {
    // An expression.
    if (query.integer(0) < 0) return std::nullopt;
    key.collations.emplace(query.text(1), query.text(2));
  }
  return key;
}

SourceTableKeys read_keys(::sqlite3* connection, const std::string& table) {
  SourceTableKeys keys;
  std::string key_type;
  read_columns(connection, table, keys, key_type);
  SqliteStatement kind(connection,
                       "SELECT wr FROM pragma_table_list WHERE schema = 'main' AND name = ?1");
  kind.bind_text(1, table);
  keys.has_rowid = !kind.step() || kind.integer(0) == 0;
  bool primary_has_index = false;
  SqliteStatement indexes(connection,
                          "SELECT name, origin FROM pragma_index_list(?1) "
                          "WHERE \"unique\" = 1 AND partial = 0");
  indexes.bind_text(1, table);
  while (indexes.step()) {
    primary_has_index = primary_has_index || indexes.text(1) == "pk";
    if (auto key = read_index(connection, indexes.text(0))) keys.unique.push_back(*std::move(key));
  }
  // INTEGER PRIMARY KEY is the rowid under another name.
  const bool is_alias = keys.has_rowid && !primary_has_index && keys.primary_key.size() == 1 &&
                        same_letters(key_type, "INTEGER");
  if (is_alias) {
    keys.unique.push_back({.collations = {{keys.primary_key.front(), ""}}});
    for (Column& column : keys.columns) {
      column.not_null = column.not_null || column.name == keys.primary_key.front();
    }
  }
  // Without a rowid the primary key is NOT NULL, whether the columns say so or not.
  if (!keys.has_rowid) {
    for (Column& column : keys.columns) {
      column.not_null = column.not_null ||
                        std::find(keys.primary_key.begin(), keys.primary_key.end(), column.name) !=
                            keys.primary_key.end();
    }
  }
  return keys;
}

bool is_not_null(const SourceTableKeys& keys, std::string_view name) {
  return std::any_of(keys.columns.begin(), keys.columns.end(), [name](const Column& column) {
    return column.name == name && column.not_null;
  });
}

// A unique index on some of the columns makes all of them together unique.
const UniqueIndex* find_unique(const SourceTableKeys& keys,
                               const std::vector<std::string>& columns) {
  const auto found =
      std::find_if(keys.unique.begin(), keys.unique.end(), [&columns](const UniqueIndex& key) {
        return std::all_of(
            key.collations.begin(), key.collations.end(),
            [&columns](const auto& column) { return contains(columns, column.first); });
      });
  return found == keys.unique.end() ? nullptr : &*found;
}

bool holds_null(::sqlite3* connection, const std::string& from,
                const std::vector<std::string>& columns) {
  return std::any_of(columns.begin(), columns.end(), [&](const std::string& column) {
    SqliteStatement query(connection, "SELECT 1 FROM " + from + " WHERE " +
                                          quote_identifier(column) + " IS NULL LIMIT 1");
    return query.step();
  });
}

// The name by which the rowid is asked for; nullopt when columns took all of them.
std::optional<std::string> rowid_name(const SourceTableKeys& keys) {
  for (const std::string_view name : {"rowid", "_rowid_", "oid"}) {
    const bool is_taken =
        std::any_of(keys.columns.begin(), keys.columns.end(),
                    [name](const Column& column) { return same_letters(column.name, name); });
    if (!is_taken) return std::string(name);
  }
  return std::nullopt;
}

void use_rowid(const SourceTableKeys& keys, SourceShape& shape) {
  const auto name = rowid_name(keys);
  if (name) shape.key.push_back({.name = *name, .expression = *name});
}

// Rows are told apart as the index does it; a collation is only said where the column has another,
// because it keeps SQLite from using the index for a key of several columns.
void use_columns(::sqlite3* connection, const std::string& table, const UniqueIndex& unique,
                 const std::vector<std::string>& columns, SourceShape& shape) {
  for (const std::string& column : columns) {
    SourceKeyColumn key{.name = column, .expression = quote_identifier(column)};
    const auto found = unique.collations.find(column);
    const bool is_other =
        found != unique.collations.end() && !found->second.empty() &&
        !same_letters(found->second, database::sqlite_column_collation(connection, table, column));
    if (is_other) key.expression += " COLLATE " + quote_identifier(found->second);
    shape.key.push_back(std::move(key));
  }
}

}  // namespace

void set_sqlite_table_key(::sqlite3* connection, const std::string& table,
                          const std::vector<std::string>& wanted, SourceShape& shape) {
  const SourceTableKeys keys = read_keys(connection, table);
  shape.primary_key = keys.primary_key;
  for (const Column& column : keys.columns) {
    if (column.not_null) shape.required.push_back(column.name);
  }
  if (!wanted.empty()) {
    refuse_unknown_key(wanted, shape.fields);
    const UniqueIndex* const unique = find_unique(keys, wanted);
    if (unique == nullptr) throw_key_not_unique(wanted, "is no unique index of the table");
    for (const std::string& column : wanted) {
      // A primary key takes NULL in SQLite, but hardly any table makes use of it.
      if (is_not_null(keys, column)) continue;
      if (!contains(keys.primary_key, column) || holds_null(connection, shape.from, {column})) {
        throw_key_not_unique({column}, "may be NULL");
      }
    }
    use_columns(connection, table, *unique, wanted, shape);
    return;
  }
  const UniqueIndex* const unique =
      keys.primary_key.empty() ? nullptr : find_unique(keys, keys.primary_key);
  const bool is_usable = unique != nullptr &&
                         (std::all_of(keys.primary_key.begin(), keys.primary_key.end(),
                                      [&](const auto& name) { return is_not_null(keys, name); }) ||
                          !holds_null(connection, shape.from, keys.primary_key));
  if (is_usable) {
    use_columns(connection, table, *unique, keys.primary_key, shape);
  } else if (keys.has_rowid) {
    use_rowid(keys, shape);
  }
}

}  // namespace freight::sql
