#include "connectors/sql/source/source_statements.hpp"

#include "connectors/sql/table_name.hpp"

namespace freight::sql {
namespace {

std::string key_name(std::size_t index) { return "freight_key" + std::to_string(index + 1); }

std::string listed(std::size_t count, const char* before, const char* after) {
  std::string list;
  for (std::size_t index = 0; index < count; ++index) {
    if (index > 0) list += ", ";
    list += before + key_name(index) + after;
  }
  return list;
}

}  // namespace

SourceStatements::SourceStatements(const SourceShape& shape)
    : key_(shape.key),
      trusted_key_(shape.trusted_key),
      by_place_(shape.by_place),
      from_(shape.from),
      condition_(shape.condition),
      parameters_(shape.parameters),
      parameter_mark_(shape.parameter_mark),
      fixed_bytes_(shape.fixed_bytes),
      further_bytes_(shape.further_bytes) {
  for (const std::string& field : shape.fields) {
    columns_ += (columns_.empty() ? "" : ", ") + quote_identifier(field);
  }
  for (const SourceKeyColumn& column : key_) {
    key_list_ += (key_list_.empty() ? "" : ", ") + column.expression;
  }
}

std::string SourceStatements::count(std::optional<std::uint64_t> limit, bool up_to_key) const {
  const std::string source = " FROM " + from_ + where(false, up_to_key);
  if (!limit) return "SELECT count(*)" + source;
  return "SELECT count(*) FROM (SELECT 1" + source + " LIMIT " + std::to_string(*limit) +
         ") AS freight_rows";
}

std::string SourceStatements::last_key() const {
  std::string descending;
  for (const SourceKeyColumn& column : key_) {
    descending += (descending.empty() ? "" : ", ") + column.expression + " DESC";
  }
  return "SELECT 1, 0, " + key_list_ + " FROM " + from_ + where(false, false) + " ORDER BY " +
         descending + " LIMIT 1";
}

std::string SourceStatements::null_in_key() const {
  std::string test;
  for (const SourceKeyColumn& column : key_) {
    test += (test.empty() ? "" : " OR ") + column.expression + " IS NULL";
  }
  const std::string given = where(false, false);
  return "SELECT 1 FROM " + from_ + (given.empty() ? " WHERE (" : given + " AND (") + test +
         ") LIMIT 1";
}

std::string SourceStatements::bounds(std::size_t first_parameter) const {
  std::string list = "(";
  for (std::size_t index = 0; index < key_.size(); ++index) {
    if (index > 0) list += ", ";
    const std::string parameter = parameter_mark_ + std::to_string(first_parameter + index);
    const std::string& type = key_[index].type;
    list += type.empty() ? parameter : "CAST(" + parameter + " AS " + type + ')';
  }
  return list + ')';
}

std::string SourceStatements::where(bool after_key, bool up_to_key) const {
  std::string all;
  const auto add = [&all](const std::string& one) {
    all += (all.empty() ? " WHERE " : " AND ") + one;
  };
  // The line's end is also that of a comment in which the condition may end.
  if (!condition_.empty()) add('(' + condition_ + "\n)");
  std::size_t parameter = parameters_ + 1;
  if (after_key) {
    add('(' + key_list_ + ") > " + bounds(parameter));
    parameter += key_.size();
  }
  if (up_to_key) add('(' + key_list_ + ") <= " + bounds(parameter));
  return all;
}

std::string SourceStatements::candidates(const SourceStart& start, std::uint64_t most,
                                         bool with_bytes) const {
  std::string sql = "SELECT ";
  for (std::size_t index = 0; index < key_.size(); ++index) {
    if (index > 0) sql += ", ";
    sql += key_[index].expression + " AS " + key_name(index);
  }
  if (with_bytes || key_.empty()) {
    if (!key_.empty()) sql += ", ";
    sql += std::to_string(fixed_bytes_);
    if (!further_bytes_.empty()) sql += " + " + further_bytes_;
    sql += " AS freight_bytes";
  }
  sql += " FROM " + from_ + where(start.after_key, !key_.empty());
  // To order by the place would sort all that is left of the table for each range.
  if (!key_.empty() && !by_place_) sql += " ORDER BY " + key_list_;
  sql += " LIMIT " + std::to_string(most);
  if (start.skip > 0) sql += " OFFSET " + std::to_string(start.skip);
  return sql;
}

std::string SourceStatements::cut(const SourceStart& start, const SourceCutLimits& limits) const {
  const bool with_bytes = !further_bytes_.empty() || (limits.bytes / limits.records) < fixed_bytes_;
  const bool look_for_repeats = trusted_key_ && !key_.empty();
  // One more, to see a key that stands on both sides of the range's end.
  const std::uint64_t most = limits.records + (look_for_repeats ? 1 : 0);
  std::string rows = candidates(start, most, with_bytes);
  if (look_for_repeats) {
    rows = "SELECT freight_candidates.*, CASE WHEN (" + listed(key_.size(), "", "") + ") = (" +
           listed(key_.size(), "lead(", ") OVER ()") +
           ") THEN 1 ELSE 0 END AS freight_repeat FROM (" + rows + ") AS freight_candidates";
  }
  // Windows without an order of their own take the rows as the innermost statement gives them.
  std::string counted = "SELECT row_number() OVER freight_so_far AS freight_row";
  counted += look_for_repeats ? ", max(freight_repeat) OVER freight_so_far AS freight_repeated"
                              : ", 0 AS freight_repeated";
  if (with_bytes) counted += ", sum(freight_bytes) OVER freight_so_far AS freight_sum";
  if (!key_.empty()) counted += ", " + listed(key_.size(), "", "");
  counted +=
      " FROM (" + rows + ") AS freight_rows WINDOW freight_so_far AS (ROWS UNBOUNDED PRECEDING)";
  std::string sql = "SELECT freight_row, freight_repeated";
  if (!key_.empty()) sql += ", " + listed(key_.size(), "", "");
  sql += " FROM (" + counted +
         ") AS freight_counted WHERE freight_row <= " + std::to_string(limits.records);
  if (with_bytes) {
    sql += " AND (freight_row = 1 OR freight_sum <= " + std::to_string(limits.bytes) + ')';
  }
  return sql + " ORDER BY freight_row DESC LIMIT 1";
}

std::string SourceStatements::rows(bool after_key, std::uint64_t most) const {
  return "SELECT " + columns_ + " FROM " + from_ + where(after_key, true) + " ORDER BY " +
         key_list_ + " LIMIT " + std::to_string(most);
}

std::string SourceStatements::page(std::uint64_t skip, std::uint64_t count) const {
  return "SELECT " + columns_ + " FROM " + from_ + where(false, false) + " LIMIT " +
         std::to_string(count) + " OFFSET " + std::to_string(skip);
}

}  // namespace freight::sql
