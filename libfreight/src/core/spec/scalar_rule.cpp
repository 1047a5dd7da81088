#include <array>
#include <filesystem>
#include <system_error>
#include <utility>

#include "core/spec/sections.hpp"
#include "core/spec/typed_value.hpp"

namespace freight::core::spec {
namespace {

std::vector<Choice<ValueType>> all_value_types() {
  constexpr std::array types{ValueType::string,  ValueType::integer,  ValueType::number,
                             ValueType::decimal, ValueType::boolean,  ValueType::date,
                             ValueType::time,    ValueType::datetime, ValueType::uuid,
                             ValueType::json,    ValueType::binary};
  std::vector<Choice<ValueType>> choices;
  choices.reserve(types.size());
  for (const ValueType type : types) choices.push_back({to_string(type), type});
  return choices;
}

std::filesystem::path base_folder(const SpecOptions& options) {
  if (options.base_folder.is_absolute()) return options.base_folder;
  std::error_code error;
  const std::filesystem::path current = std::filesystem::current_path(error);
  return (error ? std::filesystem::path("/") : current) / options.base_folder;
}

}  // namespace

const std::vector<Choice<ValueType>> value_type_choices = all_value_types();

AbsolutePath absolute_path(const SpecText& text, const SpecOptions& options) {
  const std::filesystem::path given(text.value);
  const std::filesystem::path base = base_folder(options) / "";
  const std::filesystem::path full = given.is_absolute() ? given : base / given;
  AbsolutePath result{full.lexically_normal().string(), {}};
  if (!text.substituted()) {
    result.stored = result.path;
  } else if (given.is_absolute()) {
    result.stored = text.written;
  } else {
    result.stored = base.lexically_normal().string() + text.written;
  }
  return result;
}

std::filesystem::path read_path(ObjectReader& connector, const TextRule& rule) {
  const auto text = connector.text("path", rule);
  if (!text) return {};
  AbsolutePath absolute = absolute_path(*text, connector.reading().options);
  connector.add("path", JsonValue{std::move(absolute.stored)});
  return absolute.path;
}

ScalarText scalar_text(SpecReading& reading, const JsonValue& value, const Location& location) {
  if (value.is_null()) return {false, std::nullopt};
  if (const bool* const boolean = value.boolean()) return {false, *boolean ? "true" : "false"};
  if (const std::string* const digits = value.number()) return {false, *digits};
  if (const std::string* const written = value.string()) {
    std::optional<SpecText> text = reading.environment.text(*written, location);
    if (!text) return {};
    return {false, std::move(text->value)};
  }
  reading.findings.add(
      location, Code::wrong_type,
      "must be a string, a number, true, false or null, not " + std::string(kind_name(value)));
  return {};
}

TypedScalar typed_scalar(SpecReading& reading, const JsonValue& value, const Location& location) {
  ScalarText scalar = scalar_text(reading, value, location);
  TypedScalar typed{scalar.absent, std::move(scalar.text), ValueType::string};
  if (value.boolean() != nullptr) typed.type = ValueType::boolean;
  if (const std::string* const digits = value.number()) {
    const bool has_exponent = digits->find_first_of("eE") != std::string::npos;
    typed.type = has_exponent ? ValueType::number : ValueType::decimal;
    if (auto integer = canonical_value(value, {}, ValueType::integer, {})) {
      typed.type = ValueType::integer;
      typed.text = std::move(integer);
    }
  }
  return typed;
}

}  // namespace freight::core::spec
