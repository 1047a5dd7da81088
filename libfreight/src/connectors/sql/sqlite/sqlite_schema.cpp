#include "connectors/sql/sqlite/sqlite_schema.hpp"

#include <algorithm>
#include <cstddef>
#include <type_traits>
#include <utility>

#include "connectors/sql/destination/destination_error.hpp"
#include "connectors/sql/source/source_error.hpp"
#include "connectors/sql/sqlite/sqlite_source_shape.hpp"
#include "core/ascii.hpp"
#include "database/sqlite/native_statement.hpp"
#include "database/sqlite/sqlite_session.hpp"
#include "database/sqlite/sqlite_settings.hpp"
#include "database/url.hpp"

namespace freight::sql {
namespace {

using database::SqliteStatement;

bool same(std::string_view left, std::string_view right) {
  return core::ascii_lower(left) == core::ascii_lower(right);
}

void read_columns(::sqlite3* connection, DatabaseTable& table) {
  SqliteStatement rows(connection,
                       "SELECT name, type, \"notnull\", dflt_value, pk, hidden "
                       "FROM pragma_table_xinfo(?1, 'main') WHERE hidden <> 1 ORDER BY cid");
  rows.bind_text(1, table.name);
  std::vector<std::pair<std::int64_t, std::string>> key;
  while (rows.step()) {
    TableColumn column{.name = std::string(rows.text(0)), .native_type = std::string(rows.text(1))};
    column.type = sqlite_value_type(column.native_type);
    column.not_null = rows.integer(2) != 0;
    if (!rows.is_null(3)) column.default_value = std::string(rows.text(3));
    column.generated = rows.integer(5) != 0;
    if (rows.integer(4) != 0) key.emplace_back(rows.integer(4), column.name);
    table.columns.push_back(std::move(column));
  }
  std::sort(key.begin(), key.end());
  for (auto& [place, name] : key) table.primary_key.push_back(std::move(name));
  if (table.primary_key.size() != 1 || table.without_rowid) return;
  for (TableColumn& column : table.columns) {
    if (column.name == table.primary_key.front() && same(column.native_type, "INTEGER")) {
      column.numbered = true;
    }
  }
}

void read_indexes(::sqlite3* connection, DatabaseTable& table) {
  SqliteStatement rows(connection,
                       "SELECT l.name, l.\"unique\", l.origin, l.partial, s.sql "
                       "FROM pragma_index_list(?1, 'main') AS l LEFT JOIN main.sqlite_schema AS s "
                       "ON s.type = 'index' AND s.name = l.name ORDER BY l.seq DESC");
  rows.bind_text(1, table.name);
  while (rows.step()) {
    TableIndex index{.name = std::string(rows.text(0)), .unique = rows.integer(1) != 0};
    bool is_plain = rows.integer(3) == 0;
    SqliteStatement parts(
        connection,
        "SELECT cid, name, coll FROM pragma_index_xinfo(?1, 'main') WHERE key = 1 "
        "ORDER BY seqno");
    parts.bind_text(1, index.name);
    while (parts.step()) {
      if (parts.integer(0) < 0 || !same(parts.text(2), "BINARY")) is_plain = false;
      index.columns.emplace_back(parts.text(1));
    }
    if (rows.text(2) == "pk") continue;
    if (rows.text(2) == "u") {
      table.unique_keys.push_back(std::move(index.columns));
      continue;
    }
    // CREATE INDEX name ON table (…: no name before the bracket holds one, unless it is quoted.
    const std::string_view sql = rows.text(4);
    const std::size_t bracket = sql.find('(');
    if (bracket != std::string_view::npos) index.definition = sql.substr(bracket);
    if (!is_plain) index.columns.clear();
    table.indexes.push_back(std::move(index));
  }
}

void read_foreign_keys(::sqlite3* connection, DatabaseTable& table) {
  SqliteStatement rows(connection,
                       "SELECT id, \"table\", \"from\", \"to\", on_update, on_delete "
                       "FROM pragma_foreign_key_list(?1, 'main') ORDER BY id DESC, seq");
  rows.bind_text(1, table.name);
  std::int64_t last = -1;
  while (rows.step()) {
    if (rows.integer(0) != last) {
      last = rows.integer(0);
      ForeignKey& key = table.foreign_keys.emplace_back();
      key.table = rows.text(1);
      if (rows.text(4) != "NO ACTION") key.on_update = rows.text(4);
      if (rows.text(5) != "NO ACTION") key.on_delete = rows.text(5);
    }
    ForeignKey& key = table.foreign_keys.back();
    key.columns.emplace_back(rows.text(2));
    if (!rows.is_null(3)) key.referred.emplace_back(rows.text(3));
  }
}

/// SQLite refers in any case, and to a primary key without naming it.
void name_referred(DatabaseSchema& schema) {
  for (DatabaseTable& table : schema.tables) {
    for (ForeignKey& key : table.foreign_keys) {
      const auto parent = std::find_if(schema.tables.begin(), schema.tables.end(),
                                       [&](const auto& one) { return same(one.name, key.table); });
      if (parent == schema.tables.end()) continue;
      key.table = parent->name;
      if (key.referred.empty()) key.referred = parent->primary_key;
      for (std::string& name : key.referred) {
        for (const TableColumn& column : parent->columns) {
          if (same(column.name, name)) name = column.name;
        }
      }
    }
  }
}

class SqliteSchemaConnection final : public SchemaConnection {
 public:
  SqliteSchemaConnection(const std::string& url, bool create)
      : url_(database::parse_url(url, create ? Code::destination_failed : Code::source_unreadable)),
        is_target_(create) {
    try {
      session_ = database::open_sqlite_session(url_, {.read_only = !create, .create = create});
    } catch (const database::DatabaseError& error) {
      throw error_of(error.failure(), "cannot open " + url_.path);
    }
  }

  DatabaseSchema read() override {
    return doing("cannot read the tables of " + url_.path,
                 [&] { return read_sqlite_schema(handle()); });
  }

  void run(const std::string& statement) override {
    doing("cannot change the tables of " + url_.path, [&] {
      database::run_sqlite(handle(), statement);
      return 0;
    });
  }

  std::vector<std::vector<std::optional<std::string>>> ask(const std::string& query) override {
    using Rows = std::vector<std::vector<std::optional<std::string>>>;
    return doing("cannot read " + url_.path, [&] {
      Rows rows;
      SqliteStatement statement(handle(), query);
      while (statement.step()) {
        auto& row = rows.emplace_back();
        for (int column = 0; column < statement.columns(); ++column) {
          row.emplace_back();
          if (!statement.is_null(column)) row.back() = std::string(statement.text(column));
        }
      }
      return rows;
    });
  }

 private:
  ::sqlite3* handle() { return database::sqlite_handle(*session_); }

  Error error_of(const database::DatabaseFailure& failure, const std::string& what) const {
    return is_target_ ? destination_error(failure, what) : source_error(failure, what);
  }

  template <typename Work>
  std::invoke_result_t<Work> doing(const std::string& what, Work work) {
    try {
      return work();
    } catch (const database::DatabaseError& error) {
      throw error_of(error.failure(), what);
    }
  }

  database::Url url_;
  bool is_target_;
  std::unique_ptr<database::Session> session_;
};

}  // namespace

DatabaseSchema read_sqlite_schema(::sqlite3* connection) {
  DatabaseSchema schema{.kind = DatabaseKind::sqlite};
  SqliteStatement rows(
      connection,
      "SELECT t.name, t.strict, t.wr, s.sql FROM pragma_table_list AS t "
      "JOIN main.sqlite_schema AS s ON s.type = 'table' AND s.name = t.name "
      "WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE "
      "'sqlite\\_%' ESCAPE '\\' AND t.name <> 'freight_ledger' AND t.name NOT GLOB "
      "'freight_new_*' AND t.name NOT GLOB 'freight_done_*' ORDER BY t.name");
  while (rows.step()) {
    DatabaseTable table{.name = std::string(rows.text(0)),
                        .strict = rows.integer(1) != 0,
                        .without_rowid = rows.integer(2) != 0};
    read_columns(connection, table);
    table.checks = sqlite_checks(rows.text(3));
    for (const std::string& what : sqlite_left_out(rows.text(3))) {
      table.notes.push_back(table.name + ": " + what + " are not carried over");
    }
    read_indexes(connection, table);
    read_foreign_keys(connection, table);
    schema.tables.push_back(std::move(table));
  }
  name_referred(schema);
  SqliteStatement others(connection,
                         "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = "
                         "'virtual' ORDER BY name");
  while (others.step()) {
    schema.notes.push_back("the virtual table " + std::string(others.text(0)) +
                           " does not go along");
  }
  return schema;
}

std::unique_ptr<SchemaConnection> open_sqlite_schema(const std::string& url, bool create) {
  return std::make_unique<SqliteSchemaConnection>(url, create);
}

}  // namespace freight::sql
