#include "core/spec/field_rules.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "core/spec/format_rule.hpp"
#include "core/spec/sections.hpp"
#include "core/spec/typed_value.hpp"

namespace freight::core::spec {
namespace {

constexpr std::array<Choice<OnError>, 4> on_error_choices{{{"reject", OnError::reject},
                                                           {"null", OnError::null},
                                                           {"default", OnError::default_value},
                                                           {"fail", OnError::fail}}};

bool is_numeric(ValueType type) {
  return type == ValueType::integer || type == ValueType::number || type == ValueType::decimal;
}

bool has_order(ValueType type) {
  return is_numeric(type) || type == ValueType::date || type == ValueType::time ||
         type == ValueType::datetime;
}

/// Reports a key that says nothing about the type; true when it is there.
bool report_if_useless(ObjectReader& reader, std::string_view key, bool useful,
                       const SchemaField& field) {
  if (useful || reader.find_unless_null(key) == nullptr) return false;
  reader.report(key, Code::invalid_value,
                "is of no use for type " + std::string(to_string(field.type)));
  return true;
}

void read_format(ObjectReader& reader, SchemaField& field) {
  if (reader.find_unless_null("format") == nullptr) return;
  field.format = reader.plain_text("format", {});
  if (!field.format) return;
  const std::string problem = format_problem(*field.format, field.type);
  if (!problem.empty()) reader.report("format", Code::invalid_value, problem);
}

void read_boolean_texts(ObjectReader& reader, SchemaField& field) {
  const bool is_boolean = field.type == ValueType::boolean;
  for (const auto& [key, texts] : {std::pair{"trueValues", &field.true_values},
                                   std::pair{"falseValues", &field.false_values}}) {
    if (report_if_useless(reader, key, is_boolean, field) || !is_boolean) continue;
    const auto given = reader.texts(key, 1, max_columns);
    if (!given) continue;
    if (given->empty()) {
      reader.report(key, Code::value_out_of_range, "must have at least one element");
    }
    *texts = *given;
  }
  const auto is_false = [&field](const std::string& text) {
    return std::find(field.false_values.begin(), field.false_values.end(), text) !=
           field.false_values.end();
  };
  if (std::any_of(field.true_values.begin(), field.true_values.end(), is_false)) {
    reader.report("falseValues", Code::invalid_value, "shares a value with trueValues");
  }
}

/// One code point that cannot be part of a number.
bool is_separator(std::string_view text) {
  const auto is_continuation = [](char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U;
  };
  if (text.empty() || text.find_first_of("0123456789+-eE") != std::string_view::npos) return false;
  return std::all_of(text.begin() + 1, text.end(), is_continuation);
}

void read_separator(ObjectReader& reader, std::string_view key, std::string& separator) {
  if (reader.find_unless_null(key) == nullptr) {
    reader.add(key, separator.empty() ? JsonValue{} : JsonValue{separator});
    return;
  }
  const auto text = reader.plain_text(key, {.min_bytes = 0});
  if (!text) return;
  if (!is_separator(*text)) {
    reader.report(key, Code::invalid_value,
                  "must be a single character that is neither a digit, a sign nor an e");
  }
  separator = *text;
}

void read_separators(ObjectReader& reader, SchemaField& field) {
  const bool fraction = field.type == ValueType::number || field.type == ValueType::decimal;
  if (!report_if_useless(reader, "decimalChar", fraction, field) && fraction) {
    read_separator(reader, "decimalChar", field.decimal_char);
  }
  if (!report_if_useless(reader, "groupChar", is_numeric(field.type), field) &&
      is_numeric(field.type)) {
    read_separator(reader, "groupChar", field.group_char);
  }
  if (fraction && field.decimal_char == field.group_char) {
    reader.report("groupChar", Code::invalid_value, "must differ from decimalChar");
  }
}

void report_not_of_type(SpecReading& reading, const Location& at, const SchemaField& field) {
  reading.findings.add(at, Code::invalid_value,
                       "must be a value of type " + std::string(to_string(field.type)) +
                           (field.format ? " in its own form, whatever the field's format" : ""));
}

/// One value in the field's type; nullopt after a report.
std::optional<std::string> typed_text(SpecReading& reading, const JsonValue& value,
                                      const Location& at, const SchemaField& field,
                                      std::chrono::minutes timezone) {
  std::string text;
  if (const std::string* const written = value.string()) {
    const auto replaced = reading.environment.text(*written, at);
    if (!replaced) return std::nullopt;
    text = replaced->value;
  }
  auto canonical = canonical_value(value, text, field.type, timezone);
  if (!canonical) report_not_of_type(reading, at, field);
  return canonical;
}

std::optional<std::string> read_bound(ObjectReader& reader, std::string_view key,
                                      const SchemaField& field, std::chrono::minutes timezone) {
  if (report_if_useless(reader, key, has_order(field.type), field)) return std::nullopt;
  const JsonValue* const value = reader.find_unless_null(key);
  if (value == nullptr) return std::nullopt;
  reader.add(key, *value);
  return typed_text(reader.reading(), *value, reader.at(key), field, timezone);
}

std::vector<std::string> read_enum(ObjectReader& reader, const SchemaField& field,
                                   std::chrono::minutes timezone) {
  constexpr std::string_view key = "enum";
  std::vector<std::string> result;
  if (report_if_useless(reader, key, field.type != ValueType::json, field)) return result;
  const JsonValue* const value = reader.find_unless_null(key);
  if (value == nullptr) return result;
  const JsonArray* const array = value->array();
  if (array == nullptr) {
    reader.report_kind(key, "an array", *value);
    return result;
  }
  if (array->empty() || array->size() > max_listed_values) {
    reader.report(key, Code::value_out_of_range,
                  "must have 1 to " + std::to_string(max_listed_values) + " elements");
    return result;
  }
  const Location here = reader.at(key);
  for (std::size_t index = 0; index < array->size(); ++index) {
    const Location at = here.index(index);
    if (auto text = typed_text(reader.reading(), (*array)[index], at, field, timezone)) {
      result.push_back(std::move(*text));
    }
  }
  reader.add(key, *value);
  return result;
}

void read_lengths(ObjectReader& reader, const SchemaField& field, FieldConstraints& constraints) {
  const bool has_length = field.type == ValueType::string;
  for (const auto& [key, length] : {std::pair{"minLength", &constraints.min_length},
                                    std::pair{"maxLength", &constraints.max_length}}) {
    if (report_if_useless(reader, key, has_length, field)) continue;
    if (reader.find_unless_null(key) == nullptr) continue;
    *length = reader.whole_number(key, {.maximum = max_bytes_setting});
  }
  if (constraints.min_length && constraints.max_length &&
      *constraints.min_length > *constraints.max_length) {
    reader.report("minLength", Code::value_out_of_range, "must not be above maxLength");
  }
}

void read_pattern(ObjectReader& reader, const SchemaField& field, FieldConstraints& constraints) {
  constexpr std::string_view key = "pattern";
  if (report_if_useless(reader, key, field.type == ValueType::string, field)) return;
  if (reader.find_unless_null(key) == nullptr) return;
  const auto text = reader.text(key, {.min_bytes = 0, .max_bytes = max_pattern_bytes});
  if (!text) return;
  const Location here = reader.at(key);
  check_pattern(reader.reading(), *text, here);
  constraints.pattern = text->value;
  reader.add(key, JsonValue{text->written});
}

FieldConstraints read_constraints(ObjectReader& field_reader, const SchemaField& field,
                                  std::chrono::minutes timezone) {
  const JsonValue* const value = field_reader.find_unless_null("constraints");
  const Location here = field_reader.at("constraints");
  ObjectReader reader(field_reader.reading(), value, here, "the constraints");
  FieldConstraints constraints;
  constraints.required = reader.boolean("required", false);
  read_lengths(reader, field, constraints);
  constraints.minimum = read_bound(reader, "minimum", field, timezone);
  constraints.maximum = read_bound(reader, "maximum", field, timezone);
  if (constraints.minimum && constraints.maximum &&
      compare_canonical(field.type, *constraints.minimum, *constraints.maximum) > 0) {
    reader.report("minimum", Code::value_out_of_range, "must not be above maximum");
  }
  read_pattern(reader, field, constraints);
  constraints.enumeration = read_enum(reader, field, timezone);
  reader.finish();
  field_reader.add("constraints", JsonValue{reader.take_resolved()});
  return constraints;
}

/// What `freightd init` leaves where a field has several readings: a person takes one of them.
/// False when the field is another one.
bool refuse_undecided(ObjectReader& reader, const SchemaField& field) {
  const JsonValue* const type = reader.find("type");
  const std::string* const name = type == nullptr ? nullptr : type->string();
  if (name == nullptr || *name != "undecided") return false;
  std::string readings;
  const JsonValue* const value = reader.find("candidates");
  const JsonArray* const candidates = value == nullptr ? nullptr : value->array();
  for (std::size_t index = 0; candidates != nullptr && index < candidates->size(); ++index) {
    if (index > 0) readings += index + 1 == candidates->size() ? " or " : ", ";
    append_json(readings, (*candidates)[index], JsonStyle::complete);
  }
  if (readings.empty()) readings = "a type";
  reader.report(
      "type", Code::undecided_type,
      "nobody has decided what " + in_quotes(field.name) +
          " is: put the keys of one reading in place of \"type\" and \"candidates\": " + readings);
  return true;
}

}  // namespace

SchemaField read_field(ObjectReader& reader, std::chrono::minutes timezone) {
  SchemaField field;
  field.name = reader.plain_text("name", {.required = true}).value_or("");
  if (!refuse_undecided(reader, field))
    field.type = reader.choice<ValueType>("type", value_type_choices, ValueType::string);
  read_format(reader, field);
  field.on_error = reader.choice<OnError>("on_error", on_error_choices, OnError::reject);
  read_boolean_texts(reader, field);
  read_separators(reader, field);
  field.constraints = read_constraints(reader, field, timezone);
  reader.finish();
  return field;
}

}  // namespace freight::core::spec
