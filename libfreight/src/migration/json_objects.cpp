#include "migration/json_objects.hpp"

#include <string>
#include <utility>

#include "core/spec/json_reader.hpp"

namespace freight::migration {

using core::spec::JsonMember;
using core::spec::JsonObject;
using core::spec::JsonValue;

JsonObject object_of(std::string_view json) {
  core::spec::Findings findings;
  auto read = core::spec::read_json(json, {}, findings);
  auto* const object = read.value ? std::get_if<JsonObject>(&read.value->value) : nullptr;
  return object == nullptr ? JsonObject() : std::move(*object);
}

JsonValue& member(JsonObject& object, std::string_view key) {
  for (JsonMember& one : object) {
    if (one.key == key) return one.value;
  }
  object.push_back({std::string(key), JsonValue{}});
  return object.back().value;
}

JsonObject& section(JsonObject& object, std::string_view key) {
  JsonValue& value = member(object, key);
  if (value.object() == nullptr) value = JsonValue{JsonObject()};
  return std::get<JsonObject>(value.value);
}

}  // namespace freight::migration
