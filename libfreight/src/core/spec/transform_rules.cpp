#include "core/spec/transform_rules.hpp"

#include <array>
#include <utility>

#include "core/spec/transform_arguments.hpp"

namespace freight::core::spec {
namespace {

struct NamedTransform {
  std::string_view name;
  TransformKind kind;
};

/// Those that are a name.
constexpr std::array<NamedTransform, 6> named_transforms{
    {{"trim", TransformKind::trim},
     {"lower", TransformKind::lower},
     {"upper", TransformKind::upper},
     {"collapse_whitespace", TransformKind::collapse_whitespace},
     {"nullify_empty", TransformKind::nullify_empty},
     {"digits_only", TransformKind::digits_only}}};

/// Those that are an object with one key.
constexpr std::array<NamedTransform, 10> keyed_transforms{
    {{"replace", TransformKind::replace},
     {"regex_replace", TransformKind::regex_replace},
     {"split", TransformKind::split},
     {"substring", TransformKind::substring},
     {"truncate", TransformKind::truncate},
     {"pad_left", TransformKind::pad_left},
     {"parse_date", TransformKind::parse_date},
     {"format_date", TransformKind::format_date},
     {"hash", TransformKind::hash},
     {"json_pointer", TransformKind::json_pointer}}};

template <std::size_t count>
std::optional<TransformKind> kind_of(const std::array<NamedTransform, count>& transforms,
                                     std::string_view name) {
  for (const NamedTransform& transform : transforms) {
    if (transform.name == name) return transform.kind;
  }
  return std::nullopt;
}

template <std::size_t count>
std::string no_transform(const std::array<NamedTransform, count>& transforms,
                         std::string_view name) {
  std::vector<std::string_view> names;
  for (const NamedTransform& transform : transforms) names.push_back(transform.name);
  return "there is no transform " + in_quotes(name) + "; " + suggestion(name, names);
}

std::optional<Transform> read_named(SpecReading& reading, const std::string& name,
                                    const Location& at) {
  if (const auto kind = kind_of(named_transforms, name)) return Transform{.kind = *kind};
  const bool needs_arguments = kind_of(keyed_transforms, name).has_value();
  reading.findings.add(at, Code::invalid_value,
                       needs_arguments
                           ? in_quotes(name) + " takes arguments: {" + in_quotes(name) + ": …}"
                           : no_transform(named_transforms, name));
  return std::nullopt;
}

std::optional<Transform> read_keyed(SpecReading& reading, const JsonObject& object,
                                    const Location& at) {
  if (object.size() != 1) {
    reading.findings.add(at, Code::invalid_value, "a transform has exactly one key");
    return std::nullopt;
  }
  const JsonMember& member = object.front();
  const Location here = at.key(member.key);
  if (const auto kind = kind_of(keyed_transforms, member.key)) {
    return read_transform_arguments(reading, *kind, member.value, here);
  }
  const bool takes_none = kind_of(named_transforms, member.key).has_value();
  reading.findings.add(here, takes_none ? Code::invalid_value : Code::unknown_key,
                       takes_none ? "takes no arguments; write " + in_quotes(member.key) + " alone"
                                  : no_transform(keyed_transforms, member.key));
  return std::nullopt;
}

std::optional<Transform> read_transform(SpecReading& reading, const JsonValue& value,
                                        const Location& at) {
  if (const std::string* const name = value.string()) return read_named(reading, *name, at);
  if (const JsonObject* const object = value.object()) return read_keyed(reading, *object, at);
  reading.findings.add(at, Code::wrong_type,
                       "must be the name of a transform, or an object with one and its arguments, "
                       "not " +
                           std::string(kind_name(value)));
  return std::nullopt;
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
    auto transform = read_transform(entry.reading(), (*array)[index], at);
    if (transform) transforms.push_back(std::move(*transform));
  }
  return transforms;
}

}  // namespace freight::core::spec
