#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "core/spec/sections.hpp"
#include "core/spec/time_format_rule.hpp"
#include "core/spec/transform_rules.hpp"
#include "core/spec/typed_value.hpp"

namespace freight::core::spec {
namespace {

/// Sets the entry's constant: any JSON value.
void set_constant(SpecReading& reading, const JsonValue& value, const Location& at,
                  MappingEntry& entry) {
  if (value.object() != nullptr || value.array() != nullptr) {
    std::string text;
    append_json(text, reading.environment.replaced(value, at), JsonStyle::complete);
    entry.constant.emplace(std::move(text));
    entry.constant_type = ValueType::json;
    return;
  }
  ScalarText scalar = scalar_text(reading, value, at);
  if (scalar.absent) return;
  entry.constant.emplace(std::move(scalar.text));
  if (value.boolean() != nullptr) entry.constant_type = ValueType::boolean;
  if (const std::string* const digits = value.number()) {
    const auto integer = canonical_value(value, {}, ValueType::integer, {});
    const bool has_exponent = digits->find_first_of("eE") != std::string::npos;
    entry.constant_type = integer        ? ValueType::integer
                          : has_exponent ? ValueType::number
                                         : ValueType::decimal;
    if (integer) entry.constant.emplace(*integer);
  }
}

void read_lookup(ObjectReader& reader, MappingEntry& entry) {
  constexpr std::string_view key = "lookup";
  const JsonValue* const value = reader.find_unless_null(key);
  if (value == nullptr) return;
  const JsonObject* const object = value->object();
  if (object == nullptr) return reader.report_kind(key, "an object", *value);
  if (object->empty() || object->size() > max_listed_values) {
    reader.report(key, Code::value_out_of_range,
                  "must have 1 to " + std::to_string(max_listed_values) + " entries");
    return;
  }
  entry.has_lookup = true;
  const Location here = reader.at(key);
  for (const JsonMember& member : *object) {
    const Location at = here.key(member.key);
    ScalarText scalar = scalar_text(reader.reading(), member.value, at);
    if (!scalar.absent) entry.lookup.emplace(member.key, std::move(scalar.text));
  }
  reader.add(key, *value);
}

void read_default(ObjectReader& reader, MappingEntry& entry) {
  constexpr std::string_view key = "default";
  const JsonValue* const value = reader.find(key);
  if (value == nullptr) {
    reader.add(key, {});
    return;
  }
  const Location at = reader.at(key);
  entry.default_value = scalar_text(reader.reading(), *value, at).text;
  reader.add(key, *value);
}

void read_type(ObjectReader& reader, MappingEntry& entry) {
  if (reader.find_unless_null("type") != nullptr) {
    entry.type = reader.choice<ValueType>("type", value_type_choices, ValueType::string);
  }
  if (reader.find_unless_null("format") == nullptr) return;
  entry.format = reader.plain_text("format", {});
  if (!entry.format) return;
  if (!entry.type) {
    reader.report("format", Code::invalid_value, "needs the entry's own type");
    return;
  }
  const std::string problem = time_format_problem(*entry.format, *entry.type);
  if (!problem.empty()) reader.report("format", Code::invalid_value, problem);
}

/// Where the entry's values come from: exactly one of the keys says it.
void read_origin(ObjectReader& reader, const JsonObject& object, MappingEntry& entry) {
  constexpr std::array<std::string_view, 5> origins{"from", "const", "template", "coalesce",
                                                    "system"};
  std::string found;
  int count = 0;
  for (const std::string_view origin : origins) {
    const JsonValue* const value = find_member(object, origin);
    const bool null_is_absent = origin != "const" && origin != "from";
    if (value == nullptr || (null_is_absent && value->is_null())) continue;
    ++count;
    found += (found.empty() ? "" : ", ") + std::string(origin);
  }
  if (count != 1) {
    reader.reading().findings.add(
        reader.location(), Code::invalid_value,
        "must have exactly one of from and const" + (count == 0 ? "" : ", not " + found));
  }
  if (find_member(object, "from") != nullptr) entry.from = reader.plain_text("from", {});
  reader.find("from");
  if (const JsonValue* const constant = reader.find("const")) {
    const Location at = reader.at("const");
    set_constant(reader.reading(), *constant, at, entry);
    reader.add("const", *constant);
  }
  reader.unsupported("template", {.kind = "a string"});
  reader.unsupported("coalesce", {.kind = "an array"});
  reader.unsupported("system", {.kind = "a string"});
}

MappingEntry read_entry(ObjectReader& reader, const JsonValue& value) {
  MappingEntry entry;
  const JsonObject* const object = value.object();
  if (object == nullptr) return entry;
  entry.to = reader.plain_text("to", {.required = true}).value_or("");
  read_origin(reader, *object, entry);
  const bool is_constant = find_member(*object, "const") != nullptr;
  if (is_constant) {
    for (const std::string_view key : {"transform", "lookup", "default"}) {
      if (reader.find_unless_null(key) == nullptr) continue;
      reader.report(key, Code::invalid_value, "is of no use for a constant");
    }
  } else {
    entry.transforms = read_transforms(reader);
    read_lookup(reader, entry);
    read_default(reader, entry);
  }
  read_type(reader, entry);
  reader.finish();
  return entry;
}

void check_targets(ObjectReader& document, const JobSpec& spec) {
  const Location here = document.at("mapping");
  std::map<std::string_view, std::size_t> seen;
  for (std::size_t index = 0; index < spec.mapping.size(); ++index) {
    const std::string& to = spec.mapping[index].to;
    const auto [first, is_new] = seen.emplace(to, index);
    if (to.empty() || is_new) continue;
    const Location at = here.index(index);
    document.reading().findings.add(
        at.key("to"), Code::invalid_value,
        "entry " + std::to_string(first->second) + " fills this column already");
  }
}

/// A field that takes the default on an error needs one wherever it is used.
void check_defaults(ObjectReader& document, const JobSpec& spec) {
  if (!spec.schema) return;
  const Location schema = document.at("schema");
  const Location fields = schema.key("fields");
  for (std::size_t index = 0; index < spec.schema->fields.size(); ++index) {
    const SchemaField& field = spec.schema->fields[index];
    if (field.on_error != OnError::default_value || field.name.empty()) continue;
    std::size_t used = 0;
    std::size_t defaulted = 0;
    for (const MappingEntry& entry : spec.mapping) {
      if (entry.from != field.name) continue;
      ++used;
      if (entry.default_value) ++defaulted;
    }
    if (used > 0 && used == defaulted) continue;
    const Location at = fields.index(index);
    document.reading().findings.add(
        at.key("on_error"), Code::invalid_value,
        used == 0 ? "\"default\" needs a mapping entry from this field with a default"
                  : "\"default\" needs a default in each mapping entry from this field");
  }
}

}  // namespace

void read_mapping(ObjectReader& document, JobSpec& spec) {
  constexpr std::string_view key = "mapping";
  const JsonValue* const value = document.find_unless_null(key);
  if (value == nullptr) return check_defaults(document, spec);
  const JsonArray* const array = value->array();
  if (array == nullptr) return document.report_kind(key, "an array", *value);
  if (array->empty() || array->size() > max_columns) {
    document.report(key, Code::value_out_of_range,
                    "must have 1 to " + std::to_string(max_columns) +
                        " entries; leave it out to map fields to columns of the same name");
    return;
  }
  spec.has_mapping = true;
  const Location here = document.at(key);
  JsonArray resolved;
  for (std::size_t index = 0; index < array->size(); ++index) {
    const Location at = here.index(index);
    ObjectReader reader(document.reading(), &(*array)[index], at, "a mapping entry");
    spec.mapping.push_back(read_entry(reader, (*array)[index]));
    resolved.push_back(JsonValue{reader.take_resolved()});
  }
  check_targets(document, spec);
  check_defaults(document, spec);
  document.add(key, JsonValue{std::move(resolved)});
}

}  // namespace freight::core::spec
