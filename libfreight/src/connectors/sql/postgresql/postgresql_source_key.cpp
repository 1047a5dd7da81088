#include "connectors/sql/postgresql/postgresql_source_key.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "connectors/sql/table_name.hpp"
#include "core/contains.hpp"

namespace freight::sql {
namespace {

using core::contains;
using database::PostgresqlConnection;
using database::PostgresqlResult;
using Parameter = PostgresqlConnection::Parameter;

struct UniqueIndex {
  std::vector<std::string> columns;
  bool is_primary = false;
};

// Those that hold for all rows, the primary key first.
std::vector<UniqueIndex> read_unique_keys(PostgresqlConnection& connection, std::string_view oid) {
  const std::array<Parameter, 1> parameters{oid};
  const PostgresqlResult rows = connection.run(
      "SELECT i.indexrelid, i.indisprimary, a.attname "
      "FROM pg_index i CROSS JOIN unnest(i.indkey) WITH ORDINALITY k(attnum, place) "
      "JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum "
      "WHERE i.indrelid = $1::oid AND i.indisunique AND i.indisvalid AND i.indpred IS NULL "
      "AND i.indexprs IS NULL AND k.place <= i.indnkeyatts "
      "ORDER BY i.indisprimary DESC, i.indexrelid, k.place",
      parameters);
  std::vector<UniqueIndex> keys;
  std::string index;
  for (int row = 0; row < rows.rows(); ++row) {
    if (keys.empty() || index != rows.text(row, 0)) {
      index = rows.text(row, 0);
      keys.push_back({.columns = {}, .is_primary = rows.flag(row, 1)});
    }
    keys.back().columns.emplace_back(rows.text(row, 2));
  }
  return keys;
}

std::vector<std::string> read_required(PostgresqlConnection& connection, std::string_view oid) {
  const std::array<Parameter, 1> parameters{oid};
  const PostgresqlResult rows = connection.run(
      "SELECT attname FROM pg_attribute WHERE attrelid = $1::oid AND attnum > 0 "
      "AND NOT attisdropped AND attnotnull ORDER BY attnum",
      parameters);
  std::vector<std::string> names;
  for (int row = 0; row < rows.rows(); ++row) names.emplace_back(rows.text(row, 0));
  return names;
}

// Of a materialized view it knows the indexes, but not what is never NULL.
bool knows_keys(PostgresqlConnection& connection, std::string_view oid) {
  const std::array<Parameter, 1> parameters{oid};
  return connection
      .run("SELECT relkind IN ('r', 'p') FROM pg_class WHERE oid = $1::oid", parameters)
      .flag(0, 0);
}

bool holds_select(std::string_view condition) {
  const auto lower = [](char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
  };
  constexpr std::string_view word = "select";
  return std::search(condition.begin(), condition.end(), word.begin(), word.end(),
                     [&](char one, char other) { return lower(one) == other; }) != condition.end();
}

// A partitioned table's rows have the same places in each partition, older servers cannot begin to
// read at a place, and with a condition that asks other tables the rows may come in the order of
// those.
bool use_place(PostgresqlConnection& connection, std::string_view oid, SourceShape& shape) {
  constexpr int reads_from_a_place = 140'000;
  if (connection.server_version() < reads_from_a_place || holds_select(shape.condition)) {
    return false;
  }
  const std::array<Parameter, 1> parameters{oid};
  const bool is_plain = connection
                            .run(
                                "SELECT relkind = 'r' AND NOT relhassubclass FROM pg_class "
                                "WHERE oid = $1::oid",
                                parameters)
                            .flag(0, 0);
  if (!is_plain) return false;
  shape.key = {{.name = "ctid", .expression = "ctid", .type = "tid"}};
  shape.by_place = true;
  return true;
}

}  // namespace

void set_postgresql_table_key(PostgresqlConnection& connection, std::string_view oid,
                              const std::vector<std::string>& wanted, SourceShape& shape) {
  shape.required = read_required(connection, oid);
  const std::vector<UniqueIndex> unique = read_unique_keys(connection, oid);
  if (!unique.empty() && unique.front().is_primary) shape.primary_key = unique.front().columns;
  const std::vector<std::string>& key = wanted.empty() ? shape.primary_key : wanted;
  if (key.empty() && use_place(connection, oid, shape)) return;
  set_trusted_key(key, shape);
  if (key.empty() || !knows_keys(connection, oid)) return;
  // Some of the columns that are unique make all of them together unique.
  const bool is_unique =
      std::any_of(unique.begin(), unique.end(), [&key](const UniqueIndex& candidate) {
        return std::all_of(candidate.columns.begin(), candidate.columns.end(),
                           [&key](const std::string& column) { return contains(key, column); });
      });
  if (!is_unique) throw_key_not_unique(key, "is no unique index of the table");
  for (const std::string& column : key) {
    if (!contains(shape.required, column)) throw_key_not_unique({column}, "may be NULL");
  }
  shape.trusted_key = false;
}

void name_postgresql_key_types(PostgresqlConnection& connection, const PostgresqlResult& columns,
                               SourceShape& shape) {
  for (SourceKeyColumn& column : shape.key) {
    if (!column.type.empty()) continue;
    const auto place = std::find(shape.fields.begin(), shape.fields.end(), column.name);
    const std::string type =
        std::to_string(columns.type(static_cast<int>(place - shape.fields.begin())));
    const std::array<Parameter, 1> parameters{type};
    // The modifier that is none keeps "character" from meaning a single one.
    column.type = connection.run("SELECT format_type($1::oid, -1)", parameters).text(0, 0);
  }
}

}  // namespace freight::sql
