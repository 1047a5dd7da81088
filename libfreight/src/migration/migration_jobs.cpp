#include "migration/migration_jobs.hpp"

#include <utility>

#include "core/spec/json_value.hpp"
#include "migration/json_objects.hpp"
#include "migration/table_pattern.hpp"

namespace freight::migration {
namespace {

using core::spec::find_member;
using core::spec::JsonMember;
using core::spec::JsonObject;
using core::spec::JsonStyle;
using core::spec::JsonValue;

void put_over(JsonObject& below, const JsonObject& above) {
  for (const JsonMember& one : above) {
    JsonValue& value = member(below, one.key);
    auto* const inner = std::get_if<JsonObject>(&value.value);
    if (inner != nullptr && one.value.object() != nullptr) {
      put_over(*inner, *one.value.object());
    } else {
      value = one.value;
    }
  }
}

bool holds_something(const JsonObject& job, std::string_view key) {
  const JsonValue* const value = find_member(job, key);
  if (value == nullptr || value->is_null()) return false;
  if (const auto* const array = value->array()) return !array->empty();
  if (const auto* const object = value->object()) return !object->empty();
  return true;
}

std::string_view type_of(const JsonObject& connector) {
  const JsonValue* const type = find_member(connector, "type");
  const std::string* const name = type == nullptr ? nullptr : type->string();
  return name == nullptr ? std::string_view() : std::string_view(*name);
}

/// The source's type is one of files.
bool has_file_type(const JsonObject& source) {
  const std::string_view type = type_of(source);
  return type == "csv" || type == "jsonl" || type == "json";
}

}  // namespace

std::string job_text(const MigrationSpec& spec, const TableJob& table) {
  JsonObject job = object_of(spec.defaults);
  put_over(job, object_of(table.own));
  // An empty one says that the table has none, whatever the defaults have.
  const JsonValue* const mapping = find_member(job, "mapping");
  if (mapping != nullptr && mapping->array() != nullptr && mapping->array()->empty()) {
    std::erase_if(job, [](const JsonMember& one) { return one.key == "mapping"; });
  }
  if (find_member(job, "name") == nullptr) {
    member(job, "name") = JsonValue{spec.name + "/" + table.source_table};
  }
  JsonObject& labels = section(job, "labels");
  if (find_member(labels, "migration") == nullptr) {
    member(labels, "migration") = JsonValue{spec.name};
  }
  JsonObject& source = section(job, "source");
  if (find_member(source, "type") == nullptr)
    member(source, "type") = JsonValue{std::string("sql")};
  const bool is_given = find_member(source, "query") != nullptr ||
                        find_member(source, "path") != nullptr ||
                        find_member(source, "upload") != nullptr;
  if (!is_given && has_file_type(source)) {
    member(source, "path") = JsonValue{table.source_table};
  } else if (!is_given && type_of(source) == "sql") {
    member(source, "table") = JsonValue{table.source_table};
  }
  JsonObject& destination = section(job, "destination");
  if (find_member(destination, "type") == nullptr) {
    member(destination, "type") = JsonValue{std::string("sql")};
  }
  if (type_of(destination) == "sql") {
    member(destination, "table") = JsonValue{table.destination_table};
  }
  if (table.ignores_foreign_keys) {
    member(destination, "foreign_keys") = JsonValue{std::string("ignore")};
  }
  if (table.waits_for_circle) {
    member(section(job, "errors"), "allow_all_rejected") = JsonValue{true};
  }
  std::string text;
  append_json(text, JsonValue{std::move(job)}, JsonStyle::complete);
  return text;
}

TableWishes wishes_of(const std::string& job) {
  const JsonObject object = object_of(job);
  TableWishes wishes;
  if (const JsonValue* const value = find_member(object, "destination")) {
    const JsonObject* const destination = value->object();
    const JsonValue* const make =
        destination == nullptr ? nullptr : find_member(*destination, "create_table");
    wishes.create_table = make != nullptr && make->boolean() != nullptr && *make->boolean();
  }
  const JsonValue* const source = find_member(object, "source");
  wishes.reshapes = holds_something(object, "mapping") || holds_something(object, "schema") ||
                    (source != nullptr && source->object() != nullptr &&
                     find_member(*source->object(), "query") != nullptr);
  return wishes;
}

}  // namespace freight::migration

namespace freight {

bool is_of_files(const MigrationSpec& spec) {
  core::spec::JsonObject defaults = migration::object_of(spec.defaults);
  return migration::has_file_type(migration::section(defaults, "source"));
}

std::string job_of_databases(const MigrationSpec& spec) {
  return migration::job_text(spec,
                             {.source_table = "table", .destination_table = "table", .own = "{}"});
}

std::string job_of_entry(const MigrationSpec& spec, const MigrationEntry& entry) {
  return migration::job_text(
      spec, {.source_table = migration::is_pattern(entry.from) ? "table" : entry.from,
             .destination_table = entry.to.empty() ? "table" : entry.to,
             .own = entry.job});
}

}  // namespace freight
