#include "migration/run/request_text.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include "core/hash.hpp"
#include "core/spec/object_reader.hpp"
#include "core/spec/overrides.hpp"
#include "freight/error.hpp"
#include "migration/file_plan.hpp"
#include "migration/json_objects.hpp"

namespace freight {

std::vector<SpecError> check_migration(const MigrationRequest& request) {
  return migration::text_of_request(request).errors;
}

}  // namespace freight

namespace freight::migration {
namespace {

using core::spec::find_member;
using core::spec::json_text;
using core::spec::json_texts;
using core::spec::JsonArray;
using core::spec::JsonObject;
using core::spec::JsonStyle;
using core::spec::JsonValue;

bool is_same(const SpecError& one, const SpecError& other) {
  return one.pointer == other.pointer && one.code == other.code;
}

/// Puts the overrides where they stand; what does not fit there is said with the jobs.
JsonObject overridden(const std::string& json, const SpecOptions& options) {
  JsonValue value{object_of(json)};
  core::spec::Findings findings;
  for (const auto& [pointer, text] : options.overrides) {
    core::spec::apply_override(value, pointer, text, findings);
  }
  auto* const object = std::get_if<JsonObject>(&value.value);
  return object == nullptr ? JsonObject() : std::move(*object);
}

/// Both URLs as the resolved job has them: whole paths, and no passwords.
void put_urls(JsonObject& defaults, const JsonObject& resolved) {
  for (const char* const side : {"source", "destination"}) {
    const JsonValue* const found = find_member(resolved, side);
    const JsonObject* const from = found == nullptr ? nullptr : found->object();
    const JsonValue* const url = from == nullptr ? nullptr : find_member(*from, "url");
    if (url != nullptr && !url->is_null()) member(section(defaults, side), "url") = *url;
  }
  const JsonValue* const left_out = find_member(resolved, "secrets_left_out");
  if (left_out != nullptr) member(defaults, "secrets_left_out") = *left_out;
}

/// They are those of the defaults, or the table is refused.
void drop_urls(JsonObject& job) {
  for (const char* const side : {"source", "destination"}) {
    const JsonValue* const found = find_member(job, side);
    if (found == nullptr || found->object() == nullptr) continue;
    std::erase_if(section(job, side), [](const auto& one) { return one.key == "url"; });
  }
}

JsonValue stored_entry(const MigrationEntry& entry, const SpecOptions& options, bool is_file) {
  JsonObject object;
  // A whole path: where it stands then, it is relative to nothing.
  object.push_back({"from", json_text(is_file ? file_of(entry, options.base_folder) : entry.from)});
  if (!entry.to.empty()) object.push_back({"to", json_text(entry.to)});
  JsonObject job = object_of(entry.job);
  if (!job.empty()) job = overridden(entry.job, options);
  drop_urls(job);
  std::move(job.begin(), job.end(), std::back_inserter(object));
  return JsonValue{std::move(object)};
}

/// Without the name.
JsonObject stored_migration(const MigrationSpec& spec, const SpecOptions& options,
                            const JobSpec& databases) {
  JsonObject defaults = overridden(spec.defaults, options);
  put_urls(defaults, object_of(databases.stored_json));
  JsonArray tables;
  const bool are_files = is_of_files(spec);
  for (const MigrationEntry& entry : spec.entries) {
    tables.push_back(stored_entry(entry, options, are_files));
  }
  JsonObject object;
  object.push_back({"defaults", JsonValue{std::move(defaults)}});
  object.push_back({"tables", JsonValue{std::move(tables)}});
  if (!spec.exclude.empty()) object.push_back({"exclude", json_texts(spec.exclude)});
  object.push_back({"order", json_text(spec.parents_first ? "foreign_keys" : "none")});
  object.push_back({"constraints", json_text(spec.add_constraints ? "after_load" : "none")});
  const bool skips = spec.on_table_failure == OnTableFailure::skip;
  object.push_back({"on_table_failure", json_text(skips ? "continue" : "ignore")});
  return object;
}

/// The table's own keys in a job with the defaults: what only they make wrong.
void check_entry(const MigrationRequest& request, std::size_t index,
                 const std::vector<SpecError>& of_defaults, RequestText& text) {
  const MigrationEntry& entry = request.spec.entries[index];
  if (entry.job == "{}" && !is_of_files(request.spec)) return;
  const auto parsed = parse_job_spec(job_of_entry(request.spec, entry), request.job_options);
  for (const SpecError& error : parsed.errors) {
    const bool is_known = std::any_of(of_defaults.begin(), of_defaults.end(),
                                      [&](const SpecError& one) { return is_same(one, error); });
    if (is_known) continue;
    text.errors.push_back(error);
    text.errors.back().pointer = "/tables/" + std::to_string(index) + error.pointer;
  }
  if (parsed.spec) text.needs_secrets |= parsed.spec->needs_secrets;
}

void check_kinds(const JobSpec& databases, std::vector<SpecError>& errors) {
  const auto refuse = [&](const char* pointer) {
    errors.push_back({.pointer = pointer,
                      .code = Code::unsupported_connector,
                      .detail = "a migration goes from a database, or from files, to a database"});
  };
  if (!std::holds_alternative<SqlSourceSpec>(databases.source) && !source_file(databases.source)) {
    refuse("/defaults/source/type");
  }
  if (!std::holds_alternative<SqlDestinationSpec>(databases.destination)) {
    refuse("/defaults/destination/type");
  }
}

}  // namespace

RequestText text_of_request(const MigrationRequest& request) {
  RequestText text;
  auto both = parse_job_spec(job_of_databases(request.spec), request.job_options);
  const std::vector<SpecError> of_defaults = both.errors;
  for (SpecError& error : both.errors) {
    error.pointer = "/defaults" + error.pointer;
    text.errors.push_back(std::move(error));
  }
  if (both.spec) check_kinds(*both.spec, text.errors);
  for (std::size_t index = 0; index < request.spec.entries.size(); ++index) {
    check_entry(request, index, of_defaults, text);
  }
  if (!text.errors.empty()) return text;
  JsonObject object = stored_migration(request.spec, request.job_options, *both.spec);
  std::string identified;
  append_json(identified, JsonValue{object}, JsonStyle::canonical);
  append_json(identified, json_texts(request.only), JsonStyle::canonical);
  text.identity = core::sha256_hex(identified);
  object.insert(object.begin(), {"name", json_text(request.spec.name)});
  append_json(text.stored, JsonValue{std::move(object)}, JsonStyle::complete);
  text.needs_secrets |= both.spec->needs_secrets;
  text.databases = *std::move(both.spec);
  return text;
}

MigrationRequest request_of_text(const Migration& migration, const ConnectorRegistry& connectors) {
  auto parsed = parse_migration_spec(migration.spec);
  if (!parsed.spec) {
    throw Error(Code::invalid_spec, "the stored migration cannot be read: " +
                                        (parsed.errors.empty() ? std::string("it is empty")
                                                               : parsed.errors.front().detail));
  }
  MigrationRequest request{.spec = *std::move(parsed.spec), .only = migration.only};
  request.job_options.references = true;
  request.job_options.custom_sources = connectors.source_types();
  request.job_options.custom_destinations = connectors.destination_types();
  return request;
}

}  // namespace freight::migration
