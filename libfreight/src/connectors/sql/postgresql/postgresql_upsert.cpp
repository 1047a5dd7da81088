#include "connectors/sql/postgresql/postgresql_upsert.hpp"

#include <algorithm>

#include "connectors/sql/destination/write_rules.hpp"
#include "connectors/sql/postgresql/key_query.hpp"
#include "connectors/sql/table_name.hpp"
#include "core/contains.hpp"

namespace freight::sql {
namespace {

using core::contains;
using database::PostgresqlConnection;
using database::PostgresqlResult;
using Parameter = PostgresqlConnection::Parameter;

template <typename Text>
std::string list(std::size_t count, const char* separator, Text text) {
  std::string out;
  for (std::size_t index = 0; index < count; ++index) {
    if (index > 0) out += separator;
    out += text(index);
  }
  return out;
}

// Equal means the same text: 1.5 and 1.50, or two spellings that a collation takes for one, are
// different values to whoever reads the table.
std::string differs(const std::string& column) {
  return "(t." + column + ")::text COLLATE \"C\" IS DISTINCT FROM (excluded." + column +
         ")::text COLLATE \"C\"";
}

// "DO UPDATE SET …" for the filled columns outside the key; nothing to do when there are none.
std::string on_conflict(const PostgresqlTable& table, const std::vector<OutputColumn>& columns,
                        const UniqueKey& key) {
  std::string assignments;
  std::string changes;
  for (const OutputColumn& column : columns) {
    if (contains(key, column.name) || table.is_identity_always(column.name)) continue;
    const std::string name = quote_identifier(column.name);
    if (!assignments.empty()) {
      assignments += ", ";
      changes += " OR ";
    }
    assignments.append(name).append(" = excluded.").append(name);
    changes += differs(name);
  }
  if (assignments.empty()) return "DO NOTHING";
  return "DO UPDATE SET " + assignments + " WHERE " + changes;
}

bool fills_identity_always(const PostgresqlTable& table, const std::vector<OutputColumn>& columns) {
  return std::any_of(columns.begin(), columns.end(), [&table](const OutputColumn& column) {
    return table.is_identity_always(column.name);
  });
}

std::string upsert_statement(const PostgresqlTable& table, const std::vector<OutputColumn>& columns,
                             const std::vector<std::size_t>& key_columns, const UniqueKey& key) {
  const std::size_t count = columns.size();
  const auto number = [](std::size_t index) { return std::to_string(index + 1); };
  const auto casts = list(count, ", ", [&](std::size_t index) {
    return "CAST(v" + number(index) + " AS " + std::string(table.cast_type(columns[index].name)) +
           ") AS c" + number(index);
  });
  const auto arrays =
      list(count, ", ", [&](std::size_t index) { return '$' + number(index) + "::text[]"; });
  const auto values = list(count, ", ", [&](std::size_t index) { return 'v' + number(index); });
  const auto cells = list(count, ", ", [&](std::size_t index) { return 'c' + number(index); });
  const auto names =
      list(count, ", ", [&](std::size_t index) { return quote_identifier(columns[index].name); });
  const auto sent_key = list(key_columns.size(), ", ",
                             [&](std::size_t index) { return 'c' + number(key_columns[index]); });
  const auto table_key =
      list(key.size(), ", ", [&](std::size_t index) { return quote_identifier(key[index]); });
  const auto same_key = list(key.size(), " AND ", [&](std::size_t index) {
    return "t." + quote_identifier(key[index]) + " = c" + number(key_columns[index]);
  });
  // What was there is asked for by the snapshot that the statement began with: a partitioned table
  // does not tell inserted rows from updated ones by their system columns.
  return "WITH sent AS (SELECT DISTINCT ON (" + sent_key + ") " + cells + " FROM (SELECT " + casts +
         ", place FROM unnest(" + arrays + ") WITH ORDINALITY AS u(" + values +
         ", place)) AS typed ORDER BY " + sent_key +
         ", place DESC), known AS (SELECT count(*) AS " +
         "found FROM sent WHERE EXISTS (SELECT FROM " + quote_table(table.name) + " AS t WHERE " +
         same_key + ")), put AS (INSERT INTO " + quote_table(table.name) + " AS t (" + names + ")" +
         (fills_identity_always(table, columns) ? " OVERRIDING SYSTEM VALUE" : "") + " SELECT " +
         cells + " FROM sent ON CONFLICT (" + table_key + ") " + on_conflict(table, columns, key) +
         " RETURNING 1) SELECT (SELECT count(*) FROM sent), (SELECT found FROM known), "
         "(SELECT count(*) FROM put)";
}

std::string missing_query(const PostgresqlTable& table, const UniqueKey& key) {
  const auto number = [](std::size_t index) { return std::to_string(index + 1); };
  const auto arrays =
      list(key.size(), ", ", [&](std::size_t index) { return '$' + number(index) + "::text[]"; });
  const auto values =
      list(key.size(), ", ", [&](std::size_t index) { return 'k' + number(index); });
  const auto matches = list(key.size(), " AND ", [&](std::size_t index) {
    return "t." + quote_identifier(key[index]) + " = CAST(k" + number(index) + " AS " +
           std::string(table.cast_type(key[index])) + ')';
  });
  return "SELECT place FROM unnest(" + arrays + ") WITH ORDINALITY AS r(" + values +
         ", place) WHERE NOT EXISTS (SELECT FROM " + quote_table(table.name) + " t WHERE " +
         matches + ")";
}

}  // namespace

PostgresqlUpsert::PostgresqlUpsert(const PostgresqlTable& table,
                                   const std::vector<OutputColumn>& columns, const UniqueKey& key)
    : missing_query_(missing_query(table, key)), key_columns_(key_positions(columns, key)) {
  statement_ = upsert_statement(table, columns, key_columns_, key);
}

UpsertCounts PostgresqlUpsert::run(PostgresqlConnection& connection, const OutputBatch& batch,
                                   std::span<const std::uint32_t> rows) const {
  std::vector<std::string> arrays;
  for (std::size_t column = 0; column < batch.columns.size(); ++column) {
    arrays.push_back(postgresql_array(batch, rows, column));
  }
  const std::vector<Parameter> parameters(arrays.begin(), arrays.end());
  const PostgresqlResult counts = connection.run(statement_, parameters);
  const auto keys = static_cast<std::uint64_t>(counts.integer(0, 0));
  const auto found = static_cast<std::uint64_t>(counts.integer(0, 1));
  const auto touched = static_cast<std::uint64_t>(counts.integer(0, 2));
  const std::uint64_t inserted = std::min(touched, keys - found);
  return {.keys = keys, .inserted = inserted, .updated = touched - inserted};
}

std::vector<std::uint32_t> PostgresqlUpsert::missing(PostgresqlConnection& connection,
                                                     const OutputBatch& batch,
                                                     std::span<const std::uint32_t> rows) const {
  std::vector<std::string> arrays;
  for (const std::size_t column : key_columns_) {
    arrays.push_back(postgresql_array(batch, rows, column));
  }
  const std::vector<Parameter> parameters(arrays.begin(), arrays.end());
  const PostgresqlResult found = connection.run(missing_query_, parameters);
  std::vector<std::uint32_t> missing;
  missing.reserve(static_cast<std::size_t>(found.rows()));
  for (int index = 0; index < found.rows(); ++index) {
    missing.push_back(rows[static_cast<std::size_t>(found.integer(index, 0)) - 1]);
  }
  return missing;
}

}  // namespace freight::sql
