#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "core/spec/json_reader.hpp"
#include "core/spec/object_reader.hpp"
#include "freight/migration.hpp"

namespace freight {
namespace {

using core::spec::Choice;
using core::spec::JsonArray;
using core::spec::JsonMember;
using core::spec::JsonObject;
using core::spec::JsonStyle;
using core::spec::JsonValue;
using core::spec::Location;
using core::spec::ObjectReader;
using core::spec::SpecReading;

constexpr std::size_t max_document = std::size_t{4} * 1024 * 1024;
constexpr std::size_t max_entries = 10'000;
/// They stand in the job of every table.
constexpr std::size_t max_defaults = std::size_t{256} * 1024;

std::string text_of(JsonObject object) {
  std::string text;
  append_json(text, JsonValue{std::move(object)}, JsonStyle::complete);
  return text;
}

/// The keys of a table's job are checked with the job; here are only the entry's own.
MigrationEntry read_entry(const JsonValue& value, const Location& at, SpecReading& reading) {
  MigrationEntry entry{.from = {}, .to = {}, .job = "{}"};
  if (const std::string* const pattern = value.string()) {
    entry.from = *pattern;
    if (pattern->empty()) reading.findings.add(at, Code::value_out_of_range, "must not be empty");
    return entry;
  }
  const JsonObject* const object = value.object();
  if (object == nullptr) {
    reading.findings.add(at, Code::wrong_type,
                         "must be a table's name, a pattern or an object with \"from\", not " +
                             std::string(kind_name(value)));
    return entry;
  }
  ObjectReader reader(reading, &value, at, "the table");
  entry.from = reader.plain_text("from", {.required = true}).value_or("");
  entry.to = reader.plain_text("to", {}).value_or("");
  if (!entry.to.empty() && entry.from.find_first_of("*?") != std::string::npos) {
    reader.report("to", Code::invalid_value,
                  "names one table, and a pattern in \"from\" may stand for many");
  }
  JsonObject job;
  for (const JsonMember& member : *object) {
    if (member.key != "from" && member.key != "to") job.push_back(member);
  }
  entry.job = text_of(std::move(job));
  return entry;
}

void read_tables(ObjectReader& reader, MigrationSpec& spec) {
  const JsonValue* const value = reader.find("tables");
  if (value == nullptr) return reader.report_missing("tables");
  const JsonArray* const entries = value->array();
  if (entries == nullptr) return reader.report_kind("tables", "an array", *value);
  if (entries->empty() || entries->size() > max_entries) {
    return reader.report("tables", Code::value_out_of_range,
                         "must hold from 1 to " + std::to_string(max_entries) + " tables");
  }
  const Location tables = reader.at("tables");
  for (std::size_t index = 0; index < entries->size(); ++index) {
    const Location at = tables.index(index);
    spec.entries.push_back(read_entry((*entries)[index], at, reader.reading()));
  }
}

void read_defaults(ObjectReader& reader, MigrationSpec& spec) {
  spec.defaults = "{}";
  const JsonValue* const value = reader.find("defaults");
  if (value == nullptr) return reader.report_missing("defaults");
  const JsonObject* const object = value->object();
  if (object == nullptr) return reader.report_kind("defaults", "an object", *value);
  spec.defaults = text_of(*object);
  if (spec.defaults.size() > max_defaults) {
    reader.report("defaults", Code::value_out_of_range, "must not be larger than 256 KiB");
  }
}

void read_migration(const JsonValue& document, SpecReading& reading, MigrationSpec& spec) {
  constexpr std::array orders{Choice<bool>{"foreign_keys", true}, Choice<bool>{"none", false}};
  constexpr std::array constraints{Choice<bool>{"after_load", true}, Choice<bool>{"none", false}};
  constexpr std::array failures{Choice<OnTableFailure>{"continue", OnTableFailure::skip},
                                Choice<OnTableFailure>{"ignore", OnTableFailure::ignore}};
  const Location root;
  ObjectReader reader(reading, &document, root, "the migration");
  if (document.object() == nullptr) return;
  spec.name = reader.plain_text("name", {.required = true}).value_or("");
  read_defaults(reader, spec);
  read_tables(reader, spec);
  spec.exclude = reader.texts("exclude", 1, max_entries).value_or(std::vector<std::string>());
  spec.parents_first = reader.choice<bool>("order", orders, true);
  spec.add_constraints = reader.choice<bool>("constraints", constraints, true);
  spec.on_table_failure =
      reader.choice<OnTableFailure>("on_table_failure", failures, OnTableFailure::skip);
  reader.finish();
}

}  // namespace

bool is_migration_text(std::string_view json) {
  // A job of many megabytes of records is not read twice for nothing.
  if (json.size() > max_document || json.find("\"tables\"") == std::string_view::npos) return false;
  core::spec::Findings findings;
  const auto read = core::spec::read_json(json, {}, findings);
  const JsonObject* const object = read.value ? read.value->object() : nullptr;
  return object != nullptr && core::spec::find_member(*object, "tables") != nullptr;
}

MigrationSpecResult parse_migration_spec(std::string_view json) {
  core::spec::Findings findings;
  const SpecOptions options;
  core::spec::Environment environment(options.environment, findings);
  SpecReading reading{options, findings, environment};
  MigrationSpecResult result;
  MigrationSpec spec;
  if (json.size() > max_document) {
    findings.add("", Code::value_out_of_range, "the migration is larger than 4 MiB");
  } else if (auto read = core::spec::read_json(json, {}, findings); read.value) {
    read_migration(*read.value, reading, spec);
  } else {
    findings.add("", Code::invalid_json_document, read.syntax_error->detail);
  }
  result.errors = findings.take();
  if (result.errors.empty()) result.spec = std::move(spec);
  return result;
}

}  // namespace freight
