#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "core/nearest_name.hpp"
#include "core/spec/field_rules.hpp"
#include "core/spec/sections.hpp"
#include "core/spec/typed_value.hpp"

namespace freight::core::spec {
namespace {

constexpr std::array<Choice<ExtraColumns>, 2> extra_columns{
    {{"ignore", ExtraColumns::ignore}, {"error", ExtraColumns::error}}};
constexpr std::array<Choice<MissingColumns>, 2> missing_columns{
    {{"error", MissingColumns::error}, {"null", MissingColumns::null}}};

std::chrono::minutes read_timezone(ObjectReader& schema) {
  constexpr std::string_view key = "timezone";
  std::chrono::minutes offset{0};
  if (schema.find_unless_null(key) != nullptr) {
    if (const auto text = schema.text(key, {})) {
      if (const auto parsed = parse_offset(text->value)) {
        offset = *parsed;
      } else {
        schema.report(
            key, Code::invalid_value,
            "must be a fixed offset such as \"+02:00\" or \"Z\", not " + in_quotes(text->written));
      }
    }
  }
  schema.add(key, JsonValue{format_offset(offset)});
  return offset;
}

void read_fields(ObjectReader& schema, SchemaSpec& spec) {
  constexpr std::string_view key = "fields";
  const JsonValue* const value = schema.find(key);
  const JsonArray* const fields = value == nullptr ? nullptr : value->array();
  if (value != nullptr && fields == nullptr) schema.report_kind(key, "an array", *value);
  JsonArray resolved;
  if (fields != nullptr && fields->size() > max_columns) {
    schema.report(key, Code::value_out_of_range,
                  "must not have more than " + std::to_string(max_columns) + " fields");
  } else if (fields != nullptr) {
    const Location here = schema.at(key);
    std::map<std::string, std::size_t> seen;
    for (std::size_t index = 0; index < fields->size(); ++index) {
      const Location at = here.index(index);
      ObjectReader field(schema.reading(), &(*fields)[index], at, "a field");
      spec.fields.push_back(read_field(field, spec.timezone));
      resolved.push_back(JsonValue{field.take_resolved()});
      const std::string& name = spec.fields.back().name;
      const auto [first, is_new] = seen.emplace(name, index);
      if (name.empty() || is_new) continue;
      field.report("name", Code::invalid_value,
                   "field " + std::to_string(first->second) + " has this name already");
    }
  }
  schema.add(key, JsonValue{std::move(resolved)});
}

void read_primary_key(ObjectReader& schema, SchemaSpec& spec) {
  constexpr std::string_view key = "primaryKey";
  const auto names = schema.texts(key, 1, max_columns);
  if (!names) {
    schema.add(key, JsonValue{JsonArray{}});
    return;
  }
  spec.primary_key = *names;
  std::vector<std::string> fields;
  for (const SchemaField& field : spec.fields) fields.push_back(field.name);
  for (auto name = names->begin(); name != names->end(); ++name) {
    if (std::find(names->begin(), name, *name) != name) {
      schema.report(key, Code::invalid_value, "names a field twice");
    } else if (std::find(fields.begin(), fields.end(), *name) == fields.end()) {
      const std::string_view nearest = nearest_name(*name, fields);
      schema.report(key, Code::invalid_value,
                    "the schema has no field " + in_quotes(*name) +
                        (nearest.empty() ? "" : "; the nearest is " + in_quotes(nearest)));
    }
  }
}

}  // namespace

void read_schema(ObjectReader& document, JobSpec& spec) {
  const JsonValue* const value = document.find_unless_null("schema");
  if (value == nullptr) return;
  const Location here = document.at("schema");
  ObjectReader reader(document.reading(), value, here, "the schema");
  SchemaSpec schema;
  schema.timezone = read_timezone(reader);
  read_fields(reader, schema);
  read_primary_key(reader, schema);
  if (auto missing = reader.texts("missingValues", 0, max_columns)) {
    schema.missing_values = std::move(*missing);
  } else {
    reader.add("missingValues", json_texts(schema.missing_values));
  }
  schema.extra_columns =
      reader.choice<ExtraColumns>("extra_columns", extra_columns, ExtraColumns::ignore);
  // The contract writes the value null and "null" alike.
  const JsonObject* const given = value->object();
  const JsonValue* const missing =
      given == nullptr ? nullptr : find_member(*given, "missing_columns");
  if (missing != nullptr && missing->is_null()) {
    reader.find("missing_columns");
    reader.add("missing_columns", JsonValue{std::string("null")});
    schema.missing_columns = MissingColumns::null;
  } else {
    schema.missing_columns =
        reader.choice<MissingColumns>("missing_columns", missing_columns, MissingColumns::error);
  }
  reader.finish();
  document.add("schema", JsonValue{reader.take_resolved()});
  spec.schema = std::move(schema);
}

}  // namespace freight::core::spec
