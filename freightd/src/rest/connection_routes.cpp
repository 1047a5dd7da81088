#include <array>
#include <chrono>

#include <boost/json.hpp>

#include "connections.hpp"
#include "freight/connector_context.hpp"
#include "freight/job_spec.hpp"
#include "freight/storage.hpp"
#include "rest/body.hpp"
#include "rest/query.hpp"
#include "rest/routes.hpp"
#include "rest/services.hpp"
#include "rest/shapes.hpp"

// Named credentials, by which tenants reach their databases.

namespace freight::daemon::rest {
namespace {

namespace json = boost::json;

std::string name_of(const Call& call) {
  const std::string& name = call.path_text("name");
  if (!Connections::is_name(name)) throw not_found("connection");
  return name;
}

json::object connection_of(const Call& call, const std::string& name) {
  auto connection = call.services.connections.find(call.tenant_id(), name);
  if (!connection) throw not_found("connection");
  return *std::move(connection);
}

http::Answer list_connections(Call& call) {
  Query query(call);
  const PageQuery page = read_page(query);
  std::string after;
  if (page.cursor) {
    const auto place = place_of_cursor(*page.cursor);
    if (place && Connections::is_name(*place)) {
      after = *place;
    } else {
      query.report("cursor", "is none that this list has given");
    }
  }
  query.finish();
  auto found = call.services.connections.list(call.tenant_id(), after, page.limit + 1);
  const bool more = cut_page(found, page);
  json::array items;
  for (const json::object& connection : found) items.push_back(connection);
  std::string next;
  if (more) next = cursor_of(found.back().at("name").as_string());
  json::object body = page_object(std::move(items), next);
  if (page.total)
    add_total(body, call.services.connections.list(call.tenant_id(), "", most_counted + 1).size());
  return json_answer(body);
}

http::Answer get_connection(Call& call) { return json_answer(connection_of(call, name_of(call))); }

http::Answer put_connection(Call& call) {
  const std::string name = name_of(call);
  std::vector<ConnectionFault> faults;
  const bool made =
      call.services.connections.put(call.tenant_id(), name, json_body(call.request), faults);
  if (!faults.empty()) {
    std::vector<InputError> errors;
    errors.reserve(faults.size());
    for (ConnectionFault& fault : faults) {
      errors.push_back(
          {.pointer = "/" + fault.key, .code = fault.code, .detail = std::move(fault.detail)});
    }
    throw invalid_body(std::move(errors));
  }
  return json_answer(connection_of(call, name), made ? 201 : 200);
}

http::Answer delete_connection(Call& call) {
  if (!call.services.connections.remove(call.tenant_id(), name_of(call)))
    throw not_found("connection");
  return {.status = 204};
}

/// A source that asks the database for one row, and so for everything that could be wrong.
JobSpec check_spec(const std::string& name) {
  const json::object document{{"name", "check"},
                              {"source",
                               {{"type", "sql"},
                                {"connection", name},
                                {"query", "SELECT 1 AS one"},
                                {"key", json::array{"one"}}}},
                              {"destination", {{"type", "null"}}}};
  SpecOptions options;
  options.references = true;
  return parse_job_spec(json::serialize(document), options).value();
}

http::Answer check_connection(Call& call) {
  const std::string name = name_of(call);
  const json::object connection = connection_of(call, name);
  json::object body{{"ok", true}, {"error", nullptr}};
  try {
    if (connection.at("type").as_string() != "postgresql")
      throw Error(Code::unsupported_connector, "there is no connector for this type of connection");
    // A server that lets in and then says nothing must not be waited for without end.
    constexpr std::chrono::seconds longest_check{10};
    const Deadline deadline(std::chrono::steady_clock::now() + longest_check);
    ConnectorContext context;
    context.lease = &deadline;
    context.tenant_id = call.tenant_id();
    const JobSpec spec = check_spec(name);
    const auto source =
        call.services.connectors.make_source({.spec = spec, .tenant_id = call.tenant_id()});
    source->describe(context);
  } catch (const Error& error) {
    body["ok"] = false;
    body["error"] = shape_of(failure_of(error));
  }
  return json_answer(body);
}

constexpr std::array connection_table{
    Route{.method = "GET",
          .path = "/api/v1/connections",
          .operation_id = "listConnections",
          .access = Access::read,
          .handle = list_connections,
          .summary = "The tenant's connections, without their secrets",
          .parameters = page_parameters,
          .answer = "ConnectionPage"},
    Route{.method = "GET",
          .path = "/api/v1/connections/{name}",
          .operation_id = "getConnection",
          .access = Access::read,
          .handle = get_connection,
          .summary = "One connection, without its secrets",
          .answer = "Connection"},
    Route{.method = "PUT",
          .path = "/api/v1/connections/{name}",
          .operation_id = "putConnection",
          .access = Access::manage,
          .handle = put_connection,
          .summary = "Make or replace a connection",
          .body = "Connection",
          .answer = "Connection"},
    Route{.method = "DELETE",
          .path = "/api/v1/connections/{name}",
          .operation_id = "deleteConnection",
          .access = Access::manage,
          .handle = delete_connection,
          .summary = "Delete a connection",
          .status = 204},
    Route{.method = "POST",
          .path = "/api/v1/connections/{name}/check",
          .operation_id = "checkConnection",
          .access = Access::manage,
          .handle = check_connection,
          .summary = "Try a connection",
          .answer = "ConnectionCheck",
          .streamed = Streamed::aside,
          .audited = false},
};

}  // namespace

std::span<const Route> connection_routes() { return connection_table; }

}  // namespace freight::daemon::rest
