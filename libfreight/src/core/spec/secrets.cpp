#include "core/spec/secrets.hpp"

#include <algorithm>
#include <utility>

#include "core/spec/sections.hpp"

namespace freight::core::spec {
namespace {

constexpr std::string_view key = "secrets_left_out";

/// The pointers that the spec itself lists: those of a stored spec.
std::set<std::string> read_listed(ObjectReader& document) {
  constexpr std::size_t max_pointer_bytes = 16'384;
  std::set<std::string> listed;
  const JsonValue* const value = document.find_unless_null(key);
  if (value == nullptr) return listed;
  const JsonArray* const array = value->array();
  if (array == nullptr) {
    document.report_kind(key, "an array of JSON pointers", *value);
    return listed;
  }
  const Location here = document.at(key);
  for (std::size_t index = 0; index < array->size(); ++index) {
    const std::string* const pointer = (*array)[index].string();
    if (pointer != nullptr && pointer->starts_with('/') && pointer->size() <= max_pointer_bytes) {
      listed.insert(*pointer);
      continue;
    }
    const Location at = here.index(index);
    document.reading().findings.add(at, pointer == nullptr ? Code::wrong_type : Code::invalid_value,
                                    "must be a JSON pointer such as \"/destination/url\"");
  }
  return listed;
}

}  // namespace

void Secrets::note(const Location& location, const ConnectionUrl& url) {
  if (url.password_left_out) {
    left_out.insert(location.pointer());
  } else if (!url.has_password) {
    bare.insert(location.pointer());
  }
}

void Secrets::add(Secrets other) {
  left_out.merge(std::move(other.left_out));
  bare.merge(std::move(other.bare));
}

void read_secrets(ObjectReader& document, JobSpec& spec) {
  const Secrets& secrets = document.reading().secrets;
  const std::set<std::string> listed = read_listed(document);
  // What was left out before and is there again, or can hold no password any more, is settled.
  std::set_intersection(listed.begin(), listed.end(), secrets.bare.begin(), secrets.bare.end(),
                        std::back_inserter(spec.missing_secrets));
  std::set<std::string> left_out = secrets.left_out;
  left_out.insert(spec.missing_secrets.begin(), spec.missing_secrets.end());
  spec.needs_secrets = !left_out.empty() || document.reading().environment.used();
  if (left_out.empty()) return;
  document.add(key, json_texts({left_out.begin(), left_out.end()}));
}

}  // namespace freight::core::spec
