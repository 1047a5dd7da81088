#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>

#include "core/spec/format_rule.hpp"
#include "core/spec/sections.hpp"
#include "core/spec/template_rule.hpp"
#include "core/spec/transform_rules.hpp"
#include "core/text_template.hpp"

namespace freight::core::spec {
namespace {

constexpr std::array<Choice<SystemColumn>, 5> system_columns{
    {{"job_id", SystemColumn::job_id},
     {"ordinal", SystemColumn::ordinal},
     {"line", SystemColumn::line},
     {"source", SystemColumn::source},
     {"started_at", SystemColumn::started_at}}};

constexpr std::array<Choice<MappingRest>, 2> mapping_rests{
    {{"none", MappingRest::none}, {"by_name", MappingRest::by_name}}};
constexpr std::array<Choice<NameMatching>, 2> name_matchings{
    {{"exact", NameMatching::exact}, {"loose", NameMatching::loose}}};

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
  TypedScalar scalar = typed_scalar(reading, value, at);
  if (scalar.absent) return;
  entry.constant.emplace(std::move(scalar.text));
  entry.constant_type = scalar.type;
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
  const std::string problem = format_problem(*entry.format, *entry.type);
  if (!problem.empty()) reader.report("format", Code::invalid_value, problem);
}

void read_template(ObjectReader& reader, MappingEntry& entry) {
  constexpr std::string_view key = "template";
  if (reader.find_unless_null(key) == nullptr) return;
  const auto text = reader.text(key, {.min_bytes = 0, .max_bytes = max_pattern_bytes});
  if (!text) return;
  entry.text_template = template_text(*text);
  const std::string problem = template_problem(*entry.text_template);
  if (!problem.empty()) reader.report(key, Code::invalid_value, problem);
  reader.add(key, JsonValue{text->written});
}

void read_coalesce(ObjectReader& reader, MappingEntry& entry) {
  constexpr std::string_view key = "coalesce";
  const JsonValue* const value = reader.find_unless_null(key);
  auto fields = reader.texts(key, 1, max_columns);
  if (!fields) return;
  if (value->array()->empty()) {
    reader.report(key, Code::value_out_of_range, "must name at least one field");
  }
  entry.coalesce = std::move(*fields);
}

void read_system(ObjectReader& reader, MappingEntry& entry) {
  constexpr std::string_view key = "system";
  if (reader.find_unless_null(key) == nullptr) return;
  entry.system = reader.choice<SystemColumn>(key, system_columns, SystemColumn::job_id);
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
    reader.reading().findings.add(reader.location(), Code::invalid_value,
                                  "must have exactly one of from, const, template, coalesce and "
                                  "system" +
                                      (count == 0 ? "" : ", not " + found));
  }
  if (find_member(object, "from") != nullptr) entry.from = reader.plain_text("from", {});
  reader.find("from");
  if (const JsonValue* const constant = reader.find("const")) {
    const Location at = reader.at("const");
    set_constant(reader.reading(), *constant, at, entry);
    reader.add("const", *constant);
  }
  read_template(reader, entry);
  read_coalesce(reader, entry);
  read_system(reader, entry);
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

/// The fields that an entry takes its values from.
std::vector<std::string> fields_of(const MappingEntry& entry) {
  if (entry.from) return {*entry.from};
  if (entry.text_template) return parse_template(*entry.text_template).fields;
  return entry.coalesce;
}

/// A field that takes the default on an error needs one wherever it is used.
void check_defaults(ObjectReader& document, const JobSpec& spec) {
  if (!spec.schema) return;
  std::set<std::string> used;
  std::set<std::string> without_default;
  for (const MappingEntry& entry : spec.mapping) {
    for (std::string& field : fields_of(entry)) {
      if (!entry.default_value) without_default.insert(field);
      used.insert(std::move(field));
    }
  }
  const Location schema = document.at("schema");
  const Location fields = schema.key("fields");
  for (std::size_t index = 0; index < spec.schema->fields.size(); ++index) {
    const SchemaField& field = spec.schema->fields[index];
    if (field.on_error != OnError::default_value || field.name.empty()) continue;
    const bool is_used = used.find(field.name) != used.end();
    if (is_used && without_default.find(field.name) == without_default.end()) continue;
    const Location at = fields.index(index);
    document.reading().findings.add(
        at.key("on_error"), Code::invalid_value,
        is_used ? "\"default\" needs a default in each mapping entry that takes this field"
                : "\"default\" needs a mapping entry that takes this field and has a default");
  }
}

}  // namespace

namespace {

void read_entries(ObjectReader& document, JobSpec& spec) {
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

}  // namespace

void read_mapping(ObjectReader& document, JobSpec& spec) {
  read_entries(document, spec);
  spec.mapping_rest =
      document.choice<MappingRest>("mapping_rest", mapping_rests, MappingRest::none);
  spec.match = document.choice<NameMatching>("match", name_matchings, NameMatching::exact);
}

}  // namespace freight::core::spec
