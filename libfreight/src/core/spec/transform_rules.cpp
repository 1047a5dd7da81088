#include "core/spec/transform_rules.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace freight::core::spec {
namespace {

struct NamedTransform {
  std::string_view name;
  std::optional<TransformKind> transform;
};

/// Those that are a name; without a value they are not of this version.
constexpr std::array<NamedTransform, 6> named_transforms{{{"trim", TransformKind::trim},
                                                          {"lower", TransformKind::lower},
                                                          {"upper", TransformKind::upper},
                                                          {"collapse_whitespace", std::nullopt},
                                                          {"nullify_empty", std::nullopt},
                                                          {"digits_only", std::nullopt}}};

/// Those that are an object with one key; none is of this version.
constexpr std::array<std::string_view, 10> keyed_transforms{
    "replace",  "regex_replace", "split",       "substring", "truncate",
    "pad_left", "parse_date",    "format_date", "hash",      "json_pointer"};

void report_unsupported(SpecReading& reading, const Location& at, std::string_view name) {
  reading.findings.add(at, Code::unsupported_value,
                       "this version of Freight has no transform " + in_quotes(name) +
                           "; use \"trim\", \"lower\" or \"upper\"");
}

std::optional<TransformKind> read_named(SpecReading& reading, const std::string& name,
                                    const Location& at) {
  std::vector<std::string_view> names;
  for (const NamedTransform& candidate : named_transforms) {
    if (candidate.name != name) {
      names.push_back(candidate.name);
      continue;
    }
    if (!candidate.transform) report_unsupported(reading, at, name);
    return candidate.transform;
  }
  reading.findings.add(at, Code::invalid_value,
                       "there is no transform " + in_quotes(name) + "; " + suggestion(name, names));
  return std::nullopt;
}

void report_keyed(SpecReading& reading, const JsonObject& object, const Location& at) {
  if (object.size() != 1) {
    reading.findings.add(at, Code::invalid_value, "a transform has exactly one key");
    return;
  }
  const std::string& name = object.front().key;
  const bool known =
      std::find(keyed_transforms.begin(), keyed_transforms.end(), name) != keyed_transforms.end();
  if (known) return report_unsupported(reading, at, name);
  reading.findings.add(
      at.key(name), Code::unknown_key,
      "there is no transform " + in_quotes(name) + "; " + suggestion(name, keyed_transforms));
}

}  // namespace

std::vector<Transform> read_transforms(ObjectReader& entry) {
  constexpr std::string_view key = "transform";
  constexpr std::size_t max_transforms = 100;
  std::vector<Transform> transforms;
  const JsonValue* const value = entry.find_unless_null(key);
  entry.add(key, value == nullptr ? JsonValue{JsonArray{}} : *value);
  if (value == nullptr) return transforms;
  const JsonArray* const array = value->array();
  if (array == nullptr) {
    entry.report_kind(key, "an array of transforms", *value);
    return transforms;
  }
  if (array->size() > max_transforms) {
    entry.report(key, Code::value_out_of_range,
                 "must not have more than " + std::to_string(max_transforms) + " elements");
    return transforms;
  }
  const Location here = entry.at(key);
  for (std::size_t index = 0; index < array->size(); ++index) {
    const Location at = here.index(index);
    const JsonValue& element = (*array)[index];
    if (const std::string* const name = element.string()) {
      if (const auto transform = read_named(entry.reading(), *name, at)) {
        transforms.push_back({.kind = *transform});
      }
    } else if (const JsonObject* const object = element.object()) {
      report_keyed(entry.reading(), *object, at);
    } else {
      entry.reading().findings.add(
          at, Code::wrong_type,
          "must be the name of a transform, not " + std::string(kind_name(element)));
    }
  }
  return transforms;
}

}  // namespace freight::core::spec
