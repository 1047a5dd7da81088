#include "connectors/sql/postgresql/key_query.hpp"

#include <utility>

#include "connectors/sql/refusal.hpp"
#include "connectors/sql/table_name.hpp"

namespace freight::sql {
namespace {

/// The key's values of many rows as they are sent: a column k1, k2... for each of the key's, as
/// text, and the row's position as `place`.
struct SentKey {
  std::vector<std::string> arrays;
  std::vector<std::size_t> columns;
  /// `unnest($1::text[]...) WITH ORDINALITY AS r(k1, ..., place)`.
  std::string rows;
  /// True of a row whose key has no NULL.
  std::string present;
};

std::string sent_column(std::size_t index) { return 'k' + std::to_string(index + 1); }

/// nullopt when the job does not fill the whole key.
std::optional<SentKey> send_key(const std::vector<std::string>& key, const OutputBatch& batch,
                                std::span<const std::uint32_t> rows) {
  SentKey sent;
  std::string arrays;
  std::string names;
  for (std::size_t index = 0; index < key.size(); ++index) {
    const auto column = find_column(batch, key[index], false);
    if (!column) return std::nullopt;
    sent.columns.push_back(*column);
    sent.arrays.push_back(postgresql_array(batch, rows, *column));
    if (index > 0) {
      arrays += ", ";
      sent.present += " AND ";
    }
    arrays += '$' + std::to_string(index + 1) + "::text[]";
    names += sent_column(index) + ", ";
    sent.present += sent_column(index) + " IS NOT NULL";
  }
  sent.rows = "unnest(" + arrays + ") WITH ORDINALITY AS r(" + names + "place)";
  return sent;
}

}  // namespace

std::string postgresql_array(const OutputBatch& batch, std::span<const std::uint32_t> rows,
                             std::size_t column) {
  std::string out = "{";
  for (const std::uint32_t row : rows) {
    if (out.size() > 1) out += ',';
    const Value& value = batch.row(row)[column];
    if (value.is_null()) {
      out += "NULL";
      continue;
    }
    out += '"';
    for (const char letter : value.text()) {
      if (letter == '"' || letter == '\\') out += '\\';
      out += letter;
    }
    out += '"';
  }
  out += '}';
  return out;
}

std::optional<KeyQuery> duplicate_query(const PostgresqlConstraint& key,
                                        const PostgresqlTable& table, const OutputBatch& batch,
                                        std::span<const std::uint32_t> rows) {
  if (!key.is_whole_key || key.columns.empty() || rows.empty()) return std::nullopt;
  auto sent = send_key(key.columns, batch, rows);
  if (!sent) return std::nullopt;
  std::string casts;
  std::string cells;
  std::string same;
  for (std::size_t index = 0; index < key.columns.size(); ++index) {
    const std::string cell = 'c' + std::to_string(index + 1);
    if (index > 0) {
      cells += ", ";
      same += " AND ";
    }
    casts += "CAST(" + sent_column(index) + " AS " +
             std::string(table.cast_type(key.columns[index])) + ") AS " + cell + ", ";
    cells += cell;
    same += "t." + quote_identifier(key.columns[index]) + " = " + cell;
  }
  return KeyQuery{
      .sql = "WITH sent AS (SELECT " + casts + "place FROM " + sent->rows + " WHERE " +
             sent->present + "), known AS (SELECT place FROM sent WHERE EXISTS (SELECT FROM " +
             quote_table(table.name) + " t WHERE " + same +
             ")) SELECT place, NULL FROM known UNION ALL SELECT place, leader FROM (SELECT place, "
             "lag(place) OVER (PARTITION BY " +
             cells +
             " ORDER BY place) AS leader FROM sent WHERE place NOT IN (SELECT place FROM known)) "
             "AS repeated WHERE leader IS NOT NULL ORDER BY 1",
      .arrays = std::move(sent->arrays),
      .columns = std::move(sent->columns)};
}

std::optional<KeyQuery> orphan_query(const PostgresqlConstraint& key, const OutputBatch& batch,
                                     std::span<const std::uint32_t> rows) {
  if (key.parent.empty() || key.refers_to_itself || key.match_full) return std::nullopt;
  auto sent = send_key(key.columns, batch, rows);
  if (!sent) return std::nullopt;
  std::string joined;
  for (std::size_t index = 0; index < key.columns.size(); ++index) {
    joined += " AND p." + quote_identifier(key.parent_columns[index]) + " = CAST(" +
              sent_column(index) + " AS " + key.types[index] + ')';
  }
  return KeyQuery{.sql = "SELECT place FROM " + sent->rows + " WHERE " + sent->present +
                         " AND NOT EXISTS (SELECT FROM " + key.parent + " p WHERE true" + joined +
                         ")",
                  .arrays = std::move(sent->arrays),
                  .columns = std::move(sent->columns)};
}

}  // namespace freight::sql
