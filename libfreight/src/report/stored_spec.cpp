#include "report/stored_spec.hpp"

#include <cstdlib>
#include <utility>

#include "core/spec/encodings.hpp"
#include "core/spec/findings.hpp"
#include "core/spec/json_reader.hpp"

namespace freight::report {

using core::spec::JsonStyle;
using core::spec::JsonValue;

StoredSpec::StoredSpec(std::string_view json) {
  core::spec::Findings ignored;  // It was found good when the job was submitted.
  value_ = core::spec::read_json(json, {}, ignored).value;
}

const JsonValue* StoredSpec::section(std::string_view name) const {
  const auto* const object = value_ ? value_->object() : nullptr;
  return object == nullptr ? nullptr : core::spec::find_member(*object, name);
}

std::string StoredSpec::display_json() const {
  std::string out;
  if (!value_ || value_->object() == nullptr) return "{}";
  core::spec::append_json(out, *value_, JsonStyle::display);
  return out;
}

std::string StoredSpec::text(std::string_view name, std::string_view key) const {
  const auto* const found = section(name);
  const auto* const object = found == nullptr ? nullptr : found->object();
  const auto* const member = object == nullptr ? nullptr : core::spec::find_member(*object, key);
  const auto* const string = member == nullptr ? nullptr : member->string();
  return string == nullptr ? "" : *string;
}

std::string StoredSpec::mode() const {
  const auto* const found = section("mode");
  return found == nullptr || found->string() == nullptr ? "run" : *found->string();
}

bool StoredSpec::has(std::string_view name) const {
  const auto* const found = section(name);
  return found != nullptr && !found->is_null();
}

bool StoredSpec::flag(std::string_view name) const {
  const auto* const found = section(name);
  return found != nullptr && found->boolean() != nullptr && *found->boolean();
}

std::optional<CsvDialect> StoredSpec::csv_dialect() const {
  // The parser knows how a dialect is written; the rest of the spec is of no matter here.
  std::string alone = R"({"destination":{"type":"null"},"source":)";
  core::spec::append_json(alone, *section("source"), JsonStyle::complete);
  const auto value_or_placeholder = [](const std::string& name) {
    const char* const value = std::getenv(name.c_str());
    return std::optional(value != nullptr ? std::string(value) : "${env:" + name + "}");
  };
  const auto parsed = parse_job_spec(
      alone + "}",
      {.environment = value_or_placeholder, .references = true, .standard_input = true});
  if (!parsed.spec) return std::nullopt;
  const auto* const csv = std::get_if<CsvSourceSpec>(&parsed.spec->source);
  return csv == nullptr ? std::nullopt : std::optional(csv->dialect);
}

Encoding StoredSpec::encoding() const {
  const std::string name = text("source", "encoding");
  for (const auto& known : core::spec::encodings) {
    if (known.name == name) return known.value;
  }
  return Encoding::utf_8;
}

}  // namespace freight::report
