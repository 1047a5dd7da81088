#include "rest/openapi.hpp"

#include <array>
#include <cctype>

#include <boost/json.hpp>

#include "freight/codes.hpp"
#include "freight/job_spec_schema.hpp"
#include "freight/version.hpp"
#include "rest/text.hpp"

namespace freight::daemon::rest {
namespace {

namespace json = boost::json;

constexpr std::string_view components = "#/components/schemas/";

json::object reference(std::string_view name) {
  return {{"$ref", std::string(components) + std::string(name)}};
}

std::string capitalised(std::string_view name) {
  std::string text(name);
  text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
  return text;
}

/// Definitions of the spec's schema get names of their own among the components.
std::string spec_component(std::string_view definition) { return "Spec" + capitalised(definition); }

/// References to definitions become references to components.
void move_references(json::value& value) {
  constexpr std::string_view definitions = "#/$defs/";
  if (auto* const array = value.if_array()) {
    for (json::value& item : *array) move_references(item);
  }
  if (auto* const object = value.if_object()) {
    for (auto& member : *object) {
      if (member.key() == "$ref" && member.value().is_string()) {
        const std::string target(member.value().as_string());
        if (target.starts_with(definitions))
          member.value() =
              std::string(components) + spec_component(target.substr(definitions.size()));
      } else {
        move_references(member.value());
      }
    }
  }
}

/// What REST takes in place of a path or a URL.
void take_reference_in_place_of(json::object& definition, std::string_view key,
                                std::string_view in_place, std::string_view description) {
  definition.at("properties").as_object()[key] =
      json::object{{"type", "string"}, {"description", description}};
  json::array required;
  for (const json::value& name : definition.at("required").as_array()) {
    if (name.as_string() != json::string_view(in_place.data(), in_place.size()))
      required.push_back(name);
  }
  definition["required"] = std::move(required);
}

void discriminate(json::object& properties, std::string_view key,
                  std::initializer_list<std::pair<std::string_view, std::string_view>> types) {
  json::object mapping;
  for (const auto& [type, definition] : types)
    mapping[type] = std::string(components) + spec_component(definition);
  properties.at(key).as_object()["discriminator"] =
      json::object{{"propertyName", "type"}, {"mapping", std::move(mapping)}};
}

void add_job_spec(json::object& schemas) {
  json::value document =
      json::parse(json::string_view(job_spec_schema().data(), job_spec_schema().size()));
  json::object& spec = document.as_object();
  json::object definitions = std::move(spec.at("$defs").as_object());
  spec.erase("$defs");
  spec.erase("$schema");
  for (const char* const file : {"csvSource", "jsonlSource", "jsonSource"}) {
    take_reference_in_place_of(definitions.at(file).as_object(), "upload", "path",
                               "The id of an upload, in place of a path.");
  }
  for (const char* const database : {"sqlSource", "sqlDestination"}) {
    take_reference_in_place_of(definitions.at(database).as_object(), "connection", "url",
                               "The name of a connection, in place of a URL.");
  }
  json::object& properties = spec.at("properties").as_object();
  discriminate(properties, "source",
               {{"csv", "csvSource"},
                {"jsonl", "jsonlSource"},
                {"json", "jsonSource"},
                {"inline", "inlineSource"},
                {"sql", "sqlSource"}});
  discriminate(properties, "destination",
               {{"sql", "sqlDestination"},
                {"csv", "csvDestination"},
                {"jsonl", "jsonlDestination"},
                {"null", "nullDestination"}});
  json::value retry = properties.at("retry");
  move_references(retry);
  move_references(document);
  schemas["RetryPolicy"] = std::move(retry);
  schemas["JobSpec"] = std::move(document);
  for (auto& member : definitions) {
    move_references(member.value());
    schemas[spec_component(std::string_view(member.key().data(), member.key().size()))] =
        std::move(member.value());
  }
}

void add_page(json::object& schemas, std::string_view name, std::string_view item) {
  schemas[name] = json::object{{"type", "object"},
                               {"required", json::array{"items", "next_cursor"}},
                               {"properties",
                                {{"items", {{"type", "array"}, {"items", reference(item)}}},
                                 {"next_cursor", {{"type", json::array{"string", "null"}}}},
                                 {"total", {{"type", "integer"}}},
                                 {"total_capped", {{"type", "boolean"}}}}}};
}

json::object make_schemas() {
  json::object schemas =
      json::parse(json::string_view(openapi_schemas().data(), openapi_schemas().size()))
          .as_object();
  json::array codes;
  for (const CodeInfo& info : all_codes())
    codes.push_back(json::string(info.name.data(), info.name.size()));
  schemas["Code"] = json::object{{"enum", std::move(codes)}};
  constexpr std::array<std::pair<std::string_view, std::string_view>, 11> pages{
      {{"JobPage", "Job"},
       {"MigrationPage", "Migration"},
       {"LogPage", "LogEntry"},
       {"BatchPage", "Batch"},
       {"DeadLetterPage", "DeadLetter"},
       {"UploadPage", "Upload"},
       {"ConnectionPage", "Connection"},
       {"TenantPage", "Tenant"},
       {"KeyPage", "Key"},
       {"AuditPage", "AuditEntry"},
       {"WorkerPage", "Worker"}}};
  for (const auto& [name, item] : pages) add_page(schemas, name, item);
  add_job_spec(schemas);
  return schemas;
}

std::vector<std::string_view> words_of(std::string_view list) {
  std::vector<std::string_view> words;
  while (!list.empty()) {
    const auto space = list.find(' ');
    words.push_back(list.substr(0, space));
    if (space == std::string_view::npos) break;
    list.remove_prefix(space + 1);
  }
  return words;
}

json::object schema_named(std::string_view name) {
  if (name == "binary") return {{"type", "string"}, {"format", "binary"}};
  if (std::islower(static_cast<unsigned char>(name[0])) != 0) return {{"type", name}};
  return reference(name);
}

json::array parameters_of(const Route& route) {
  json::array parameters;
  for (std::string_view rest = route.path; rest.find('{') != std::string_view::npos;) {
    rest.remove_prefix(rest.find('{') + 1);
    const auto name = rest.substr(0, rest.find('}'));
    parameters.push_back(json::object{
        {"name", name},
        {"in", "path"},
        {"required", true},
        {"schema", name.ends_with("_id") ? reference("Id") : json::object{{"type", "string"}}}});
  }
  for (const Parameter& parameter : route.parameters) {
    json::object schema = schema_named(parameter.schema);
    if (parameter.repeatable) schema = {{"type", "array"}, {"items", std::move(schema)}};
    parameters.push_back(json::object{{"name", parameter.name},
                                      {"in", "query"},
                                      {"description", parameter.description},
                                      {"schema", std::move(schema)}});
  }
  return parameters;
}

json::object content_of(std::string_view types, std::string_view schema) {
  json::object content;
  for (const std::string_view type : words_of(types)) {
    json::object shape{{"type", "string"}};
    if (type.ends_with("json") && type != "application/x-ndjson" && !schema.empty())
      shape = schema_named(schema);
    if (schema == "binary") shape = schema_named(schema);
    content[type] = json::object{{"schema", std::move(shape)}};
  }
  return content;
}

json::object problem_answer(std::string_view description) {
  return {{"description", description},
          {"content", {{"application/problem+json", {{"schema", reference("Problem")}}}}}};
}

json::object answers_of(const Route& route) {
  json::object answers;
  json::object good{{"description", route.summary}};
  constexpr int no_content = 204;
  if (route.status != no_content) good["content"] = content_of(route.answer_types, route.answer);
  answers[std::to_string(route.status)] = good;
  // Cancelling what is cancelled, and replacing a connection, are no news.
  if (route.operation_id == "cancelJob" || route.operation_id == "cancelMigration")
    answers["200"] = good;
  if (route.operation_id == "putConnection") answers["201"] = good;
  if (route.answer == "Health" || route.answer == "Probe") {
    json::object failed = good;
    failed["description"] = "Something that it depends on does not work.";
    answers["503"] = std::move(failed);
  }
  answers["default"] = problem_answer("What went wrong.");
  return answers;
}

json::object operation_of(const Route& route) {
  json::object operation{{"operationId", route.operation_id},
                         {"summary", route.summary},
                         {"parameters", parameters_of(route)},
                         {"responses", answers_of(route)}};
  if (!route.body.empty()) {
    operation["requestBody"] = json::object{{"content", content_of(route.body_type, route.body)}};
  }
  if (route.access == Access::open) operation["security"] = json::array();
  return operation;
}

}  // namespace

std::string make_openapi(const std::vector<const Route*>& routes) {
  json::object paths;
  for (const Route* const route : routes) {
    const std::string method = lower_case(route->method);
    if (!paths.contains(route->path)) paths[route->path] = json::object();
    paths[route->path].as_object()[method] = operation_of(*route);
  }
  const json::object document{
      {"openapi", "3.1.0"},
      {"info",
       {{"title", "Freight"},
        {"version", version()},
        {"description",
         "Moves records between systems for many tenants and proves what became of each. Errors "
         "are application/problem+json (RFC 9457)."},
        {"license", {{"name", "Apache-2.0"}, {"identifier", "Apache-2.0"}}}}},
      {"servers", json::array{json::object{{"url", "/"}}}},
      {"security",
       json::array{json::object{{"bearer", json::array()}}, json::object{{"key", json::array()}}}},
      {"paths", std::move(paths)},
      {"components",
       {{"securitySchemes",
         {{"bearer", {{"type", "http"}, {"scheme", "bearer"}}},
          {"key", {{"type", "apiKey"}, {"in", "header"}, {"name", "X-API-Key"}}}}},
        {"schemas", make_schemas()}}}};
  return json::serialize(document);
}

}  // namespace freight::daemon::rest
