#include "connectors/sql/postgresql/orphan_query.hpp"

#include "connectors/sql/refusal.hpp"
#include "connectors/sql/table_name.hpp"

namespace freight::sql {

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

std::optional<OrphanQuery> orphan_query(const PostgresqlConstraint& key, const OutputBatch& batch,
                                        std::span<const std::uint32_t> rows) {
  if (key.parent.empty() || key.match_full) return std::nullopt;
  OrphanQuery query;
  std::string arrays;
  std::string names;
  std::string present;
  std::string joined;
  std::string sibling_arrays;
  std::string sibling_names;
  std::string siblings_joined;
  std::vector<std::string> siblings;
  for (std::size_t index = 0; index < key.columns.size(); ++index) {
    const auto column = find_column(batch, key.columns[index], false);
    if (!column) return std::nullopt;
    query.columns.push_back(*column);
    query.arrays.push_back(postgresql_array(batch, rows, *column));
    const std::string number = std::to_string(index + 1);
    if (index > 0) arrays += ", ";
    arrays += '$' + number + "::text[]";
    names += "k" + number + ", ";
    present += "k" + number + " IS NOT NULL AND ";
    const std::string value = "CAST(k" + number + " AS " + key.types[index] + ')';
    joined += " AND p." + quote_identifier(key.parent_columns[index]) + " = " + value;
    if (!key.refers_to_itself) continue;
    const auto own = find_column(batch, key.parent_columns[index], false);
    if (!own) return std::nullopt;
    siblings.push_back(postgresql_array(batch, rows, *own));
    const std::string place = std::to_string(key.columns.size() + index + 1);
    if (index > 0) sibling_arrays += ", ";
    if (index > 0) sibling_names += ", ";
    sibling_arrays += '$' + place + "::text[]";
    sibling_names += 'p' + number;
    siblings_joined += " AND CAST(p" + number + " AS " + key.types[index] + ") = " + value;
  }
  query.sql = "SELECT place FROM unnest(" + arrays + ") WITH ORDINALITY AS r(" + names +
              "place) WHERE " + present + "NOT EXISTS (SELECT FROM " + key.parent +
              " p WHERE true" + joined + ")";
  if (siblings.empty()) return query;
  query.sql += " AND NOT EXISTS (SELECT FROM unnest(" + sibling_arrays + ") AS s(" + sibling_names +
               ") WHERE true" + siblings_joined + ")";
  query.arrays.insert(query.arrays.end(), siblings.begin(), siblings.end());
  return query;
}

}  // namespace freight::sql
