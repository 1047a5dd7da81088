#include "connectors/sql/source/source_shape.hpp"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "core/nearest_name.hpp"
#include "freight/error.hpp"

namespace freight::sql {

std::string bare_query(std::string_view query) {
  const std::size_t last = query.find_last_not_of(" \t\r\n;");
  return std::string(query.substr(0, last == std::string_view::npos ? 0 : last + 1));
}

void check_parameters(const SqlSourceSpec& spec, std::size_t taken) {
  if (taken == spec.params.size()) return;
  throw Error(Code::source_unreadable,
              std::string(spec.query.empty() ? "source.where" : "source.query") + " takes " +
                  std::to_string(taken) + " parameters, and source.params has " +
                  std::to_string(spec.params.size()) + '.');
}

TableName source_table_name(const SqlSourceSpec& spec) {
  auto name = read_table_name(spec.table);
  if (name) return *std::move(name);
  throw Error(Code::source_not_found,
              "The source's table '" + spec.table + "' is not the name of a table.",
              {.hint = "Write table or schema.table; put a name that holds a dot into double "
                       "quotes."});
}

void throw_no_source_table(const TableName& name, std::string_view database,
                           const std::vector<std::string>& names) {
  const std::string_view nearest = core::nearest_name(display_table(name), names);
  throw Error(Code::source_not_found,
              "There is no table '" + display_table(name) + "' in " + std::string(database) + '.',
              {.hint = nearest.empty() ? "" : "Did you mean '" + std::string(nearest) + "'?"});
}

void refuse_repeated_fields(const std::vector<std::string>& fields) {
  std::unordered_set<std::string_view> seen;
  for (const std::string& field : fields) {
    if (field.empty()) {
      throw Error(Code::duplicate_header, "A column of the source has no name.",
                  {.hint = "Give each column of source.query a name with AS."});
    }
    if (!seen.insert(field).second) {
      throw Error(Code::duplicate_header,
                  "The source has more than one column named \"" + field + "\".",
                  {.hint = "Name each column of source.query once; AS gives another name."});
    }
  }
}

void refuse_unknown_key(const std::vector<std::string>& key,
                        const std::vector<std::string>& fields) {
  for (const std::string& name : key) {
    if (std::find(fields.begin(), fields.end(), name) != fields.end()) continue;
    const std::string_view nearest = core::nearest_name(name, fields);
    std::string hint = nearest.empty() ? "" : "Did you mean '" + std::string(nearest) + "'? ";
    hint += "source.key names columns of the table or query.";
    throw Error(Code::missing_header, "The source has no column \"" + name + "\" for its key.",
                {.hint = std::move(hint)});
  }
}

void set_trusted_key(const std::vector<std::string>& key, SourceShape& shape) {
  refuse_unknown_key(key, shape.fields);
  shape.trusted_key = true;
  for (const std::string& name : key) {
    shape.key.push_back({.name = name, .expression = quote_identifier(name)});
  }
  if (key.empty()) {
    shape.warnings.emplace_back(
        "The source has no key: each batch passes over all rows before it. Name columns that are "
        "unique and not null in source.key to read large sources fast.");
  }
}

void throw_key_not_unique(const std::vector<std::string>& key, std::string_view why) {
  std::string names;
  for (const std::string& name : key) names += (names.empty() ? "" : ", ") + name;
  throw Error(Code::key_not_unique, "The source's key (" + names + ") " + std::string(why) + '.',
              {.hint = "source.key must name columns that together are unique and not null, as a "
                       "primary key is."});
}

}  // namespace freight::sql
