#include "connectors/sql/destination/create_table.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include "connectors/sql/table_name.hpp"
#include "core/ascii.hpp"
#include "core/contains.hpp"
#include "freight/error.hpp"
#include "mapping/field_names.hpp"

namespace freight::sql {
namespace {

using core::contains;

constexpr std::size_t most_named = 30;

// Columns for a warning: `"tags" (text[]), "feeling" (mood)`.
class NamedColumns {
 public:
  void add(const OutputColumn& column) {
    if (++count_ > most_named) return;
    if (!list_.empty()) list_ += ", ";
    list_ += '"' + column.name + "\" (" + column.source_type + ')';
  }
  bool empty() const { return count_ == 0; }
  std::string text() const {
    if (count_ <= most_named) return list_;
    return list_ + " and " + std::to_string(count_ - most_named) + " more";
  }

 private:
  std::string list_;
  std::size_t count_ = 0;
};

// Whatever a database calls its texts: character varying(9), bpchar, NVARCHAR(20), CLOB.
bool is_text(std::string_view type) {
  const std::string name = core::ascii_lower(type);
  if (name.ends_with("[]")) return false;
  constexpr std::array<std::string_view, 5> texts{"text", "char", "clob", "string", "name"};
  return std::any_of(texts.begin(), texts.end(), [&name](std::string_view text) {
    return name.find(text) != std::string::npos;
  });
}

bool has_zone(std::string_view type) {
  const std::string name = core::ascii_lower(type);
  return name.find("with time zone") != std::string::npos ||
         name.find("timestamptz") != std::string::npos;
}

}  // namespace

TableKeys keys_to_be(const PrepareRequest& request, const WriteRules& rules) {
  const std::vector<std::string> names = column_names(request.columns);
  const auto merge_key = mapping::spelled_as({.wanted = rules.key,
                                              .names = names,
                                              .match = rules.match,
                                              .of = mapping::NamesOf::destination});
  if (request.primary_key.empty()) return {.primary = merge_key, .unique = {}};
  TableKeys keys{.primary = request.primary_key, .unique = {}};
  if (!same_columns(keys.primary, merge_key)) keys.unique = merge_key;
  return keys;
}

std::string create_table_statement(std::string_view name, const PrepareRequest& request,
                                   const WriteRules& rules, ColumnType column_type) {
  if (request.columns.empty()) {
    throw Error(Code::destination_failed,
                "create_table cannot make " + std::string(name) +
                    ": the job's columns are not known before its source is read.",
                {.hint = "Give the job a schema or a mapping, or make the table yourself."});
  }
  const TableKeys keys = keys_to_be(request, rules);
  std::string statement = "CREATE TABLE IF NOT EXISTS " + std::string(name) + " (";
  for (const OutputColumn& column : request.columns) {
    if (statement.back() != '(') statement += ", ";
    statement += quote_identifier(column.name);
    statement += ' ';
    statement += column_type(column.typed ? column.type : ValueType::string);
    // SQLite takes NULL in a primary key unless it is told not to.
    if (contains(request.required, column.name) || contains(keys.primary, column.name)) {
      statement += " NOT NULL";
    }
  }
  if (!keys.primary.empty()) statement += ", PRIMARY KEY (" + quoted_list(keys.primary) + ')';
  if (!keys.unique.empty()) statement += ", UNIQUE (" + quoted_list(keys.unique) + ')';
  statement += ')';
  return statement;
}

void warn_of_changed_types(const PrepareRequest& request, ColumnType column_type,
                           std::vector<std::string>& warnings) {
  NamedColumns texts;
  NamedColumns zoned;
  for (const OutputColumn& column : request.columns) {
    if (column.source_type.empty()) continue;
    const std::string_view made = column_type(column.typed ? column.type : ValueType::string);
    if (is_text(made) && !is_text(column.source_type)) texts.add(column);
    if (has_zone(made) && !has_zone(column.source_type)) zoned.add(column);
  }
  if (!texts.empty()) {
    warnings.push_back(
        "create_table made these columns text, for want of an equal type: " + texts.text() + '.');
  }
  if (!zoned.empty()) {
    warnings.push_back(
        "create_table gave these columns a time zone, which the source's have not (a value without "
        "a zone is taken as UTC unless the schema's \"timezone\" says otherwise): " +
        zoned.text() + '.');
  }
}

}  // namespace freight::sql
