#include "connectors/sql/postgresql/postgresql_schema.hpp"

#include <map>
#include <type_traits>
#include <utility>

#include "connectors/sql/destination/destination_error.hpp"
#include "connectors/sql/postgresql/postgresql_source_shape.hpp"
#include "connectors/sql/postgresql/postgresql_source_types.hpp"
#include "connectors/sql/source/source_error.hpp"
#include "database/postgresql/postgresql_session.hpp"
#include "database/url.hpp"

namespace freight::sql {
namespace {

using database::PostgresqlConnection;
using database::PostgresqlResult;
using Tables = std::map<std::string, DatabaseTable*, std::less<>>;

// The first version whose server looks after its client while it works.
constexpr int knows_client_check = 140'000;

// The rows of partitions and of tables that inherit come with those of their parent; what an
// extension made is its own.
constexpr const char* tables_query =
    "SELECT c.oid, n.nspname, c.relname, pg_table_is_visible(c.oid) "
    "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't' AND NOT EXISTS (SELECT FROM "
    "pg_inherits h WHERE h.inhrelid = c.oid) AND n.nspname <> 'information_schema' "
    "AND n.nspname !~ '^pg_' AND n.nspname <> 'freight' AND c.relname <> 'freight_ledger' "
    "AND c.relname !~ '^freight_(new|done)_' AND NOT EXISTS (SELECT FROM pg_depend d WHERE "
    "d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e') "
    "ORDER BY 2, 3";

constexpr const char* columns_query =
    "SELECT a.attrelid, a.attname, format_type(a.atttypid, a.atttypmod), "
    "CASE WHEN b.typtype = 'd' THEN b.typbasetype ELSE a.atttypid END, a.attnotnull, "
    "CASE WHEN a.attgenerated = '' THEN pg_get_expr(d.adbin, d.adrelid) END, "
    "a.attgenerated <> '', a.attidentity <> '' OR (pg_get_expr(d.adbin, d.adrelid) LIKE "
    "'nextval(%' "
    "AND EXISTS (SELECT FROM pg_depend s WHERE s.classid = 'pg_class'::regclass AND s.refclassid = "
    "'pg_class'::regclass AND s.refobjid = a.attrelid AND s.refobjsubid = a.attnum AND s.deptype "
    "IN "
    "('a', 'i'))) "
    "FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid "
    "JOIN pg_type b ON b.oid = a.atttypid "
    "LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum "
    "WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p') "
    "AND c.relnamespace <> 'pg_catalog'::regnamespace ORDER BY a.attrelid, a.attnum";

// The columns of a key come one a row, in their order.
constexpr const char* keys_query =
    "SELECT k.conrelid, k.oid, k.contype, a.attname FROM pg_constraint k "
    "CROSS JOIN unnest(k.conkey) WITH ORDINALITY p(attnum, place) "
    "JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = p.attnum "
    "WHERE k.contype IN ('p', 'u') AND k.conrelid <> 0 ORDER BY k.conrelid, k.conname, p.place";

constexpr const char* references_query =
    "SELECT k.conrelid, k.oid, k.conname, a.attname, k.confrelid, r.attname, k.confdeltype, "
    "k.confupdtype, k.condeferred, k.convalidated FROM pg_constraint k "
    "CROSS JOIN unnest(k.conkey, k.confkey) WITH ORDINALITY p(attnum, refnum, place) "
    "JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = p.attnum "
    "JOIN pg_attribute r ON r.attrelid = k.confrelid AND r.attnum = p.refnum "
    "WHERE k.contype = 'f' AND k.conparentid = 0 ORDER BY k.conrelid, k.conname, p.place";

constexpr const char* checks_query =
    "SELECT k.conrelid, k.conname, pg_get_expr(k.conbin, k.conrelid) FROM pg_constraint k "
    "WHERE k.contype = 'c' AND k.convalidated AND k.conrelid <> 0 ORDER BY k.conrelid, k.conname";

// Those that no constraint stands for. What follows the table's name begins with the first USING
// behind both names, whatever they hold.
constexpr const char* indexes_query =
    "SELECT i.indrelid, c.relname, i.indisunique, i.indpred IS NULL AND i.indexprs IS NULL AND "
    "m.amname = 'btree', "
    "substr(d.text, strpos(d.text, ' USING ' || m.amname || ' (') + 1), "
    "(SELECT array_to_string(array_agg(quote_ident(a.attname) ORDER BY k.place), ',') "
    "FROM unnest(i.indkey) WITH ORDINALITY k(attnum, place) JOIN pg_attribute a "
    "ON a.attrelid = i.indrelid AND a.attnum = k.attnum WHERE k.place <= i.indnkeyatts) "
    "FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am m ON m.oid = c.relam "
    "CROSS JOIN LATERAL pg_get_indexdef(i.indexrelid) d(text) "
    "WHERE i.indislive AND i.indisvalid AND NOT EXISTS (SELECT FROM pg_constraint k WHERE "
    "k.conindid = i.indexrelid "
    "AND k.contype IN ('p', 'u', 'x')) ORDER BY i.indrelid, c.relname";

// What a DatabaseTable has no word for.
constexpr const char* notes_query =
    "SELECT k.conrelid, k.conname, CASE WHEN k.contype = 'x' THEN 'is left out: it excludes rows' "
    "WHEN k.contype = 'c' THEN 'is left out: rows that break it may be there (NOT VALID)' "
    "WHEN k.contype = 'f' THEN 'becomes MATCH SIMPLE' ELSE 'is looked at at once' END "
    "FROM pg_constraint k WHERE k.conrelid <> 0 AND k.conparentid = 0 AND (k.contype = 'x' OR "
    "(k.contype = 'c' AND NOT k.convalidated) OR (k.contype = 'f' AND k.confmatchtype = 'f') OR "
    "(k.contype IN ('p', 'u') AND k.condeferrable)) ORDER BY k.conrelid, k.conname";

constexpr const char* parents_query =
    "SELECT DISTINCT h.inhparent, p.relkind = 'p' FROM pg_inherits h JOIN pg_class p "
    "ON p.oid = h.inhparent WHERE p.relkind IN ('r', 'p') ORDER BY 1";

DatabaseTable* table_of(const Tables& tables, const PostgresqlResult& rows, int row, int column) {
  const auto found = tables.find(rows.text(row, column));
  return found == tables.end() ? nullptr : found->second;
}

std::string action(std::string_view letter) {
  if (letter == "r") return "RESTRICT";
  if (letter == "c") return "CASCADE";
  if (letter == "n") return "SET NULL";
  if (letter == "d") return "SET DEFAULT";
  return {};
}

/// Names as quote_ident() writes them, with commas.
std::vector<std::string> names_of(std::string_view list) {
  std::vector<std::string> names;
  bool quoted = false;
  bool begins = true;
  for (std::size_t at = 0; at < list.size(); ++at) {
    if (begins) names.emplace_back();
    begins = false;
    const char letter = list[at];
    if (letter == '"') {
      if (quoted && at + 1 < list.size() && list[at + 1] == '"') {
        names.back() += list[++at];
      } else {
        quoted = !quoted;
      }
    } else if (letter == ',' && !quoted) {
      begins = true;
    } else {
      names.back() += letter;
    }
  }
  return names;
}

void read_columns(PostgresqlConnection& connection, const Tables& tables) {
  const PostgresqlResult rows = connection.run(columns_query);
  for (int row = 0; row < rows.rows(); ++row) {
    DatabaseTable* const table = table_of(tables, rows, row, 0);
    if (table == nullptr) continue;
    TableColumn column{.name = std::string(rows.text(row, 1)),
                       .native_type = std::string(rows.text(row, 2))};
    column.type = postgresql_value_type(static_cast<std::uint32_t>(rows.integer(row, 3)));
    column.not_null = rows.flag(row, 4);
    column.generated = rows.flag(row, 6);
    column.numbered = rows.flag(row, 7);
    if (!column.numbered && !rows.is_null(row, 5)) column.default_value = rows.text(row, 5);
    table->columns.push_back(std::move(column));
  }
}

void read_keys(PostgresqlConnection& connection, const Tables& tables) {
  const PostgresqlResult rows = connection.run(keys_query);
  std::string_view last;
  for (int row = 0; row < rows.rows(); ++row) {
    DatabaseTable* const table = table_of(tables, rows, row, 0);
    if (table == nullptr) continue;
    if (rows.text(row, 2) == "p") {
      table->primary_key.emplace_back(rows.text(row, 3));
      continue;
    }
    if (rows.text(row, 1) != last) table->unique_keys.emplace_back();
    last = rows.text(row, 1);
    table->unique_keys.back().emplace_back(rows.text(row, 3));
  }
}

void read_references(PostgresqlConnection& connection, const Tables& tables) {
  const PostgresqlResult rows = connection.run(references_query);
  std::string_view last;
  for (int row = 0; row < rows.rows(); ++row) {
    DatabaseTable* const table = table_of(tables, rows, row, 0);
    const DatabaseTable* const referred = table_of(tables, rows, row, 4);
    if (table == nullptr || referred == nullptr) continue;
    if (rows.text(row, 1) != last) {
      ForeignKey& key = table->foreign_keys.emplace_back();
      key.name = rows.text(row, 2);
      key.schema = referred->schema;
      key.table = referred->name;
      key.on_delete = action(rows.text(row, 6));
      key.on_update = action(rows.text(row, 7));
      key.deferred = rows.flag(row, 8);
      key.validated = rows.flag(row, 9);
    }
    last = rows.text(row, 1);
    table->foreign_keys.back().columns.emplace_back(rows.text(row, 3));
    table->foreign_keys.back().referred.emplace_back(rows.text(row, 5));
  }
}

void read_checks(PostgresqlConnection& connection, const Tables& tables) {
  const PostgresqlResult rows = connection.run(checks_query);
  for (int row = 0; row < rows.rows(); ++row) {
    DatabaseTable* const table = table_of(tables, rows, row, 0);
    if (table == nullptr) continue;
    table->checks.push_back(
        {.name = std::string(rows.text(row, 1)), .expression = std::string(rows.text(row, 2))});
  }
}

void read_indexes(PostgresqlConnection& connection, const Tables& tables) {
  const PostgresqlResult rows = connection.run(indexes_query);
  for (int row = 0; row < rows.rows(); ++row) {
    DatabaseTable* const table = table_of(tables, rows, row, 0);
    if (table == nullptr) continue;
    TableIndex index{.name = std::string(rows.text(row, 1)), .unique = rows.flag(row, 2)};
    index.definition = rows.text(row, 4);
    if (rows.flag(row, 3)) index.columns = names_of(rows.text(row, 5));
    table->indexes.push_back(std::move(index));
  }
}

void read_notes(PostgresqlConnection& connection, const Tables& tables) {
  const PostgresqlResult rows = connection.run(notes_query);
  for (int row = 0; row < rows.rows(); ++row) {
    DatabaseTable* const table = table_of(tables, rows, row, 0);
    if (table == nullptr) continue;
    table->notes.push_back(table->display() + ": the constraint " + std::string(rows.text(row, 1)) +
                           ' ' + std::string(rows.text(row, 2)));
  }
  const PostgresqlResult parents = connection.run(parents_query);
  for (int row = 0; row < parents.rows(); ++row) {
    DatabaseTable* const table = table_of(tables, parents, row, 0);
    if (table == nullptr) continue;
    table->notes.push_back(table->display() +
                           (parents.flag(row, 1)
                                ? " is partitioned; it becomes one table with all rows"
                                : ": the rows of tables that inherit from it come with it, without "
                                  "the columns that they add"));
  }
}

class PostgresqlSchemaConnection final : public SchemaConnection {
 public:
  PostgresqlSchemaConnection(const std::string& url, bool is_target, std::function<void()> watch)
      : url_(database::parse_url(url,
                                 is_target ? Code::destination_failed : Code::source_unreadable)),
        is_target_(is_target) {
    doing("cannot connect to " + place(), [&] {
      // Making an index, or looking at each row for a reference, takes its time.
      database::PostgresqlOptions options;
      options.statement_timeout = std::chrono::milliseconds(0);
      options.lock_timeout = std::chrono::seconds(60);
      session_ = database::open_postgresql_session(url_, options, watch);
      connection_.emplace(database::postgresql_handle(*session_));
      connection_->set_watch(std::move(watch));
      // Who gives up closes the connection: the server is to notice, and to end the statement.
      if (connection_->server_version() >= knows_client_check) {
        connection_->run("SET client_connection_check_interval = '2s'");
      }
      return 0;
    });
  }

  DatabaseSchema read() override {
    return doing("cannot read the tables of " + place(),
                 [&] { return read_postgresql_schema(*connection_); });
  }

  void run(const std::string& statement) override {
    doing("cannot change the tables of " + place(),
          [&] { return connection_->run(statement).rows(); });
  }

  std::vector<std::vector<std::optional<std::string>>> ask(const std::string& query) override {
    return doing("cannot read " + place(), [&] {
      std::vector<std::vector<std::optional<std::string>>> rows;
      const PostgresqlResult result = connection_->run(query);
      for (int row = 0; row < result.rows(); ++row) {
        auto& values = rows.emplace_back();
        for (int column = 0; column < result.columns(); ++column) {
          values.emplace_back();
          if (!result.is_null(row, column)) values.back() = std::string(result.text(row, column));
        }
      }
      return rows;
    });
  }

 private:
  /// Without the parameters: some are Freight's own.
  std::string place() const {
    const std::string shown = url_.display();
    return shown.substr(0, shown.find('?'));
  }

  template <typename Work>
  std::invoke_result_t<Work> doing(const std::string& what, Work work) {
    try {
      return work();
    } catch (const database::DatabaseError& error) {
      throw is_target_ ? destination_error(error.failure(), what)
                       : source_error(error.failure(), what);
    }
  }

  database::Url url_;
  bool is_target_;
  std::unique_ptr<database::Session> session_;
  std::optional<PostgresqlConnection> connection_;
};

}  // namespace

DatabaseSchema read_postgresql_schema(PostgresqlConnection& connection) {
  DatabaseSchema schema{.kind = DatabaseKind::postgresql};
  connection.run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  const PostgresqlResult rows = connection.run(tables_query);
  schema.tables.reserve(static_cast<std::size_t>(rows.rows()));
  Tables tables;
  for (int row = 0; row < rows.rows(); ++row) {
    schema.tables.push_back({.schema = std::string(rows.text(row, 1)),
                             .name = std::string(rows.text(row, 2)),
                             .visible = rows.flag(row, 3)});
    tables.emplace(rows.text(row, 0), &schema.tables.back());
  }
  read_columns(connection, tables);
  read_keys(connection, tables);
  read_references(connection, tables);
  read_checks(connection, tables);
  read_indexes(connection, tables);
  read_notes(connection, tables);
  connection.run("COMMIT");
  return schema;
}

std::unique_ptr<SchemaConnection> open_postgresql_schema(const std::string& url, bool is_target,
                                                         std::function<void()> watch) {
  return std::make_unique<PostgresqlSchemaConnection>(url, is_target, std::move(watch));
}

}  // namespace freight::sql
