#include "connectors/sql/postgresql/duplicate_query.hpp"

#include "connectors/sql/postgresql/orphan_query.hpp"
#include "connectors/sql/refusal.hpp"
#include "connectors/sql/table_name.hpp"

namespace freight::sql {

std::optional<DuplicateQuery> duplicate_query(const PostgresqlConstraint& key,
                                              const PostgresqlTable& table,
                                              const OutputBatch& batch,
                                              std::span<const std::uint32_t> rows) {
  if (!key.is_whole_key || key.columns.empty() || rows.empty()) return std::nullopt;
  DuplicateQuery query;
  std::string arrays;
  std::string names;
  std::string casts;
  std::string cells;
  std::string present;
  std::string same;
  for (std::size_t index = 0; index < key.columns.size(); ++index) {
    const auto column = find_column(batch, key.columns[index], false);
    if (!column) return std::nullopt;
    query.columns.push_back(*column);
    query.arrays.push_back(postgresql_array(batch, rows, *column));
    const std::string number = std::to_string(index + 1);
    const std::string cell = 'c' + number;
    if (index > 0) {
      arrays += ", ";
      cells += ", ";
      present += " AND ";
      same += " AND ";
    }
    arrays += '$' + number + "::text[]";
    names += 'k' + number + ", ";
    casts += "CAST(k" + number + " AS " + std::string(table.cast_type(key.columns[index])) +
             ") AS " + cell + ", ";
    cells += cell;
    present += 'k' + number + " IS NOT NULL";
    same += "t." + quote_identifier(key.columns[index]) + " = " + cell;
  }
  query.sql = "WITH sent AS (SELECT " + casts + "place FROM unnest(" + arrays +
              ") WITH ORDINALITY AS u(" + names + "place) WHERE " + present +
              "), known AS (SELECT place FROM sent WHERE EXISTS (SELECT FROM " +
              quote_table(table.name) + " t WHERE " + same +
              ")) SELECT place, NULL FROM known UNION ALL SELECT place, leader FROM (SELECT place, "
              "lag(place) OVER (PARTITION BY " +
              cells +
              " ORDER BY place) AS leader FROM sent WHERE place NOT IN (SELECT place FROM known)) "
              "AS repeated WHERE leader IS NOT NULL ORDER BY 1";
  return query;
}

}  // namespace freight::sql
