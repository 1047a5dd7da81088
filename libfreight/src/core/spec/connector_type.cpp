#include <algorithm>
#include <utility>

#include "core/spec/connection_url.hpp"
#include "core/spec/sections.hpp"

namespace freight::core::spec {
namespace {

/// The strings of a value without the passwords of URLs.
JsonValue without_passwords(SpecReading& reading, const JsonValue& value,
                            const Location& location) {
  if (const std::string* const written = value.string()) {
    const std::optional<SpecText> text = reading.environment.text(*written, location);
    if (!text) return value;  // reported by the one who replaces the placeholders
    ConnectionUrl hidden = hide_password(*text);
    if (!hidden.problem.empty()) {
      reading.findings.add(location, Code::invalid_value, std::move(hidden.problem));
      return JsonValue{std::string{}};
    }
    if (text->value.find("://") != std::string::npos) reading.secrets.note(location, hidden);
    return JsonValue{std::move(hidden.stored)};
  }
  if (const JsonArray* const array = value.array()) {
    JsonArray copy;
    for (std::size_t index = 0; index < array->size(); ++index) {
      copy.push_back(without_passwords(reading, (*array)[index], location.index(index)));
    }
    return JsonValue{std::move(copy)};
  }
  if (const JsonObject* const object = value.object()) {
    JsonObject copy;
    for (const JsonMember& member : *object) {
      copy.push_back(
          {member.key, without_passwords(reading, member.value, location.key(member.key))});
    }
    return JsonValue{std::move(copy)};
  }
  return value;
}

}  // namespace

CustomConnectorSpec read_custom_connector(ObjectReader& document, std::string_view section,
                                          const JsonValue& object, std::string type) {
  SpecReading& reading = document.reading();
  const Location here = document.at(section);
  CustomConnectorSpec spec{std::move(type), {}};
  append_json(spec.options, reading.environment.replaced(object, here), JsonStyle::complete);
  // The placeholders were looked at a line above; what is wrong with them was said there.
  Findings ignored;
  Environment same_environment(reading.options.environment, ignored);
  SpecReading second{reading.options, reading.findings, same_environment};
  document.add(section, without_passwords(second, object, here));
  reading.secrets.add(std::move(second.secrets));
  return spec;
}

void report_no_connector(ObjectReader& object, std::string_view type, const ConnectorTypes& types) {
  std::vector<std::string_view> valid(types.built_in.begin(), types.built_in.end());
  valid.insert(valid.end(), types.custom.begin(), types.custom.end());
  const bool in_contract =
      std::find(types.later.begin(), types.later.end(), type) != types.later.end();
  std::string detail = in_contract ? "this version of Freight has no " : "there is no ";
  detail += std::string(types.kind) + " of type " + in_quotes(type) + "; ";
  detail += in_contract ? "use " + joined_names(valid) : suggestion(type, valid);
  object.report("type", Code::unsupported_connector, std::move(detail));
}

}  // namespace freight::core::spec
