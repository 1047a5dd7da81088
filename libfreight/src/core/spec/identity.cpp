#include "core/spec/identity.hpp"

#include <initializer_list>
#include <utility>

#include "core/hash.hpp"

namespace freight::core::spec {
namespace {

/// The members of `from` that there are, without those that there are not.
JsonObject select(const JsonObject& from, std::initializer_list<std::string_view> keys) {
  JsonObject selected;
  for (const std::string_view key : keys) {
    const JsonValue* const value = find_member(from, key);
    if (value != nullptr) selected.push_back({std::string(key), *value});
  }
  return selected;
}

std::string hash_of(JsonObject object) {
  std::string canonical;
  append_json(canonical, JsonValue{std::move(object)}, JsonStyle::canonical);
  return sha256_hex(canonical);
}

}  // namespace

std::string identity_of(const JsonObject& resolved) {
  return hash_of(
      select(resolved, {"destination", "filter", "mapping", "mode", "schema", "source"}));
}

std::string load_identity_of(const JsonObject& resolved) {
  JsonObject load = select(resolved, {"filter", "mapping", "schema"});
  const JsonValue* const destination = find_member(resolved, "destination");
  // Of the target only what is the same from whatever folder and machine it is named.
  if (destination != nullptr && destination->object() != nullptr) {
    load.push_back({"target", JsonValue{select(*destination->object(), {"table", "type"})}});
  }
  return hash_of(std::move(load));
}

}  // namespace freight::core::spec
