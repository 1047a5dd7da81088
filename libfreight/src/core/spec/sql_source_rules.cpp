#include <array>
#include <utility>

#include "core/spec/sections.hpp"
#include "core/spec/sql_rules.hpp"

namespace freight::core::spec {
namespace {

constexpr std::size_t max_statement_bytes = 1'048'576;
/// What SQLite takes; PostgreSQL takes twice as many.
constexpr std::size_t max_parameters = 32'766;

std::vector<SqlParameter> read_parameters(ObjectReader& source, bool has_statement) {
  constexpr std::string_view key = "params";
  std::vector<SqlParameter> parameters;
  const JsonValue* const value = source.find_unless_null(key);
  source.add(key, value == nullptr ? JsonValue{JsonArray{}} : *value);
  if (value == nullptr) return parameters;
  const JsonArray* const array = value->array();
  if (array == nullptr) {
    source.report_kind(key, "an array", *value);
    return parameters;
  }
  if (array->size() > max_parameters) {
    source.report(key, Code::value_out_of_range,
                  "must not have more than " + std::to_string(max_parameters) + " elements");
    return parameters;
  }
  if (!array->empty() && !has_statement) {
    source.report(key, Code::invalid_value, "needs a query or a where that uses it");
  }
  const Location here = source.at(key);
  for (std::size_t index = 0; index < array->size(); ++index) {
    const Location at = here.index(index);
    TypedScalar scalar = typed_scalar(source.reading(), (*array)[index], at);
    if (!scalar.absent) parameters.push_back({std::move(scalar.text), scalar.type});
  }
  return parameters;
}

/// The text of an optional key; null is as good as absent.
std::string optional_text(ObjectReader& source, std::string_view key, std::size_t max_bytes) {
  if (source.find_unless_null(key) == nullptr) return {};
  return source.plain_text(key, {.max_bytes = max_bytes}).value_or("");
}

void read_selection(ObjectReader& source, SqlSourceSpec& spec) {
  const bool has_table = source.find_unless_null("table") != nullptr;
  const bool has_query = source.find_unless_null("query") != nullptr;
  if (has_table == has_query) {
    source.reading().findings.add(source.location(),
                                  has_table ? Code::invalid_value : Code::missing_key,
                                  has_table ? "must have only one of table and query"
                                            : "the source needs a table or a query");
  }
  spec.table = optional_text(source, "table", max_identifier_bytes);
  if (!spec.table.empty()) check_table(source, "table", spec.table, spec.url);
  spec.where = optional_text(source, "where", max_statement_bytes);
  spec.query = optional_text(source, "query", max_statement_bytes);
  if (has_query && !has_table && !spec.where.empty()) {
    source.report("where", Code::invalid_value, "goes with a table; write it into the query");
  }
}

bool read_row_security(ObjectReader& source, std::string_view url) {
  constexpr std::string_view key = "row_security";
  const bool allowed = read_allowed(source, key);
  if (allowed && url.starts_with("sqlite:")) {
    source.report(key, Code::invalid_value, "is of PostgreSQL; SQLite hides no rows");
  }
  return allowed;
}

}  // namespace

SqlSourceSpec read_sql_source(ObjectReader& source) {
  SqlSourceSpec spec;
  spec.url = read_sql_url(source, spec.connection);
  read_selection(source, spec);
  const bool has_statement =
      source.find_unless_null("where") != nullptr || source.find_unless_null("query") != nullptr;
  spec.params = read_parameters(source, has_statement);
  spec.key = read_key(source);
  spec.limit = read_limit(source);
  spec.allow_row_security = read_row_security(source, spec.url);
  spec.max_record_bytes = read_max_record_bytes(source);
  constexpr std::array<std::string_view, 6> file_keys{"path",     "upload",  "compression",
                                                      "encoding", "dialect", "records"};
  source.finish(file_keys, "it reads a database");
  return spec;
}

}  // namespace freight::core::spec
