#include "connectors/sql/postgresql/key_query.hpp"

#include <iterator>
#include <utility>

#include "connectors/sql/destination/refusal.hpp"
#include "connectors/sql/table_name.hpp"

namespace freight::sql {
namespace {

/// Some columns of many rows as they are sent: an array each, which a query names by a letter and a
/// number, as text.
struct SentColumns {
  std::vector<std::string> arrays;
  std::vector<std::size_t> columns;
  /// `$1::text[], ...` and `k1, ...`.
  std::string parameters;
  std::string names;
  /// True of a row without a NULL among them.
  std::string present;
};

struct Naming {
  char letter = 'k';
  /// Parameters that stand before these.
  std::size_t parameters = 0;
};

std::string sent_column(std::size_t index, char letter = Naming().letter) {
  return letter + std::to_string(index + 1);
}

/// nullopt when the job does not fill all of them.
std::optional<SentColumns> send_columns(const std::vector<std::string>& names,
                                        const OutputBatch& batch,
                                        std::span<const std::uint32_t> rows,
                                        const Naming& naming = {}) {
  SentColumns sent;
  for (std::size_t index = 0; index < names.size(); ++index) {
    const auto column = find_column(batch, names[index], false);
    if (!column) return std::nullopt;
    sent.columns.push_back(*column);
    sent.arrays.push_back(postgresql_array(batch, rows, *column));
    if (index > 0) {
      sent.parameters += ", ";
      sent.names += ", ";
      sent.present += " AND ";
    }
    sent.parameters += '$' + std::to_string(naming.parameters + index + 1) + "::text[]";
    sent.names += sent_column(index, naming.letter);
    sent.present += sent_column(index, naming.letter) + " IS NOT NULL";
  }
  return sent;
}

/// The rows with their positions, as `place`.
std::string placed_rows(const SentColumns& sent) {
  return "unnest(" + sent.parameters + ") WITH ORDINALITY AS r(" + sent.names + ", place)";
}

std::string cast(const std::string& text, const std::string& type) {
  return "CAST(" + text + " AS " + type + ')';
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
  auto sent = send_columns(key.columns, batch, rows);
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
  // OFFSET 0 has each row looked up in the key's index: made into a join, a batch might read the
  // whole table.
  return KeyQuery{
      .sql = "WITH sent AS (SELECT " + casts + "place FROM " + placed_rows(*sent) + " WHERE " +
             sent->present + "), known AS (SELECT place FROM sent WHERE EXISTS (SELECT FROM " +
             quote_table(table.name) + " t WHERE " + same +
             " OFFSET 0)) SELECT place, NULL FROM known UNION ALL SELECT place, leader FROM "
             "(SELECT place, "
             "lag(place) OVER (PARTITION BY " +
             cells +
             " ORDER BY place) AS leader FROM sent WHERE place NOT IN (SELECT place FROM known)) "
             "AS repeated WHERE leader IS NOT NULL ORDER BY 1",
      .arrays = std::move(sent->arrays),
      .columns = std::move(sent->columns)};
}

std::optional<KeyQuery> orphan_query(const PostgresqlConstraint& key, const OutputBatch& batch,
                                     std::span<const std::uint32_t> rows) {
  if (key.parent.empty() || key.match_full) return std::nullopt;
  auto sent = send_columns(key.columns, batch, rows);
  if (!sent) return std::nullopt;
  KeyQuery query;
  std::string is_parent;
  std::string is_sibling;
  for (std::size_t index = 0; index < key.columns.size(); ++index) {
    const std::string value = cast(sent_column(index), key.types[index]);
    is_parent += " AND p." + quote_identifier(key.parent_columns[index]) + " = " + value;
    is_sibling += " AND " + cast(sent_column(index, 'p'), key.types[index]) + " = " + value;
  }
  query.sql = "SELECT place FROM " + placed_rows(*sent) + " WHERE " + sent->present +
              " AND NOT EXISTS (SELECT FROM " + key.parent + " p WHERE true" + is_parent + ")";
  query.arrays = std::move(sent->arrays);
  query.columns = std::move(sent->columns);
  if (!key.refers_to_itself) return query;
  auto siblings = send_columns(key.parent_columns, batch, rows,
                               {.letter = 'p', .parameters = key.columns.size()});
  if (!siblings) return std::nullopt;
  query.sql += " AND NOT EXISTS (SELECT FROM unnest(" + siblings->parameters + ") AS s(" +
               siblings->names + ") WHERE true" + is_sibling + ")";
  query.arrays.insert(query.arrays.end(), std::make_move_iterator(siblings->arrays.begin()),
                      std::make_move_iterator(siblings->arrays.end()));
  return query;
}

}  // namespace freight::sql
