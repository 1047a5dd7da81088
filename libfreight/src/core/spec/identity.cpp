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

/// A key that earlier versions did not resolve, and its default. Of connectors of this type only,
/// where one is named: others have had the key for longer.
struct LaterKey {
  std::string_view name;
  std::string_view value;
  std::string_view type = {};
};
constexpr LaterKey later_keys[] = {{"compression", "\"auto\""},
                                   {"footer_rows", "0"},
                                   {"foreign_keys", "\"check\""},
                                   {"lineTerminator", "null"},
                                   {"lossy", "\"refuse\""},
                                   {"mapping_rest", "\"none\""},
                                   {"match", "\"exact\""},
                                   {"max_record_bytes", "8388608", "\"sql\""},
                                   {"row_security", "\"refuse\""},
                                   {"skip_blank_records", "false"},
                                   {"trailing_delimiter", "\"reject\""}};

std::string text_of(const JsonValue& value) {
  std::string text;
  append_json(text, value, JsonStyle::canonical);
  return text;
}

bool is_later_default(const JsonMember& member, const JsonObject& of) {
  for (const LaterKey& key : later_keys) {
    if (key.name != member.key) continue;
    const JsonValue* const type = find_member(of, "type");
    if (!key.type.empty() && (type == nullptr || text_of(*type) != key.type)) return false;
    return text_of(member.value) == key.value;
  }
  return false;
}

/// A connector without the later keys' defaults: a spec from before they were known is the same job
/// as ever.
JsonValue without_later_defaults(const JsonValue& connector) {
  if (connector.object() == nullptr) return connector;
  JsonObject kept;
  for (const JsonMember& member : *connector.object()) {
    if (is_later_default(member, *connector.object())) continue;
    kept.push_back({member.key, without_later_defaults(member.value)});
  }
  return JsonValue{std::move(kept)};
}

/// What a job does with its records, beside its connectors, as far as it is no later key's default.
JsonObject treatment_of(const JsonObject& resolved) {
  JsonObject kept;
  for (JsonMember& member :
       select(resolved, {"filter", "mapping", "mapping_rest", "match", "schema"})) {
    if (!is_later_default(member, resolved)) kept.push_back(std::move(member));
  }
  return kept;
}

std::string hash_of(JsonObject object) {
  std::string canonical;
  append_json(canonical, JsonValue{std::move(object)}, JsonStyle::canonical);
  return sha256_hex(canonical);
}

}  // namespace

std::string identity_of(const JsonObject& resolved) {
  JsonObject job = treatment_of(resolved);
  for (JsonMember& member : select(resolved, {"destination", "mode", "source"})) {
    if (member.key != "mode") member.value = without_later_defaults(member.value);
    job.push_back(std::move(member));
  }
  return hash_of(std::move(job));
}

std::string load_identity_of(const JsonObject& resolved) {
  JsonObject load = treatment_of(resolved);
  const JsonValue* const destination = find_member(resolved, "destination");
  // Of the target only what is the same from whatever folder and machine it is named.
  if (destination != nullptr && destination->object() != nullptr) {
    load.push_back({"target", JsonValue{select(*destination->object(), {"table", "type"})}});
  }
  return hash_of(std::move(load));
}

}  // namespace freight::core::spec
