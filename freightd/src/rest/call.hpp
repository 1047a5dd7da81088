#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "freight/job_store.hpp"
#include "freight/migration_store.hpp"
#include "freight/tenant_store.hpp"
#include "http/message.hpp"
#include "rest/problem.hpp"

namespace freight::daemon::rest {

struct Services;
struct Route;

/// Who calls, as the key says.
struct Caller {
  /// The key itself, for what has to look again whether it still holds.
  std::string secret;
  ApiKey key;
  /// The key's tenant, or the one that the installation's key acts for.
  std::optional<Tenant> tenant;
  bool is_admin() const { return !key.tenant_id.has_value(); }
};

/// One request on its way through a route.
struct Call {
  http::Request& request;
  const Route& route;
  Services& services;
  std::string request_id;
  /// W3C trace context, as it came; empty without.
  std::string traceparent = {};
  Caller caller = {};
  /// The parts of the path that the route names.
  std::map<std::string, std::string, std::less<>> path = {};

  const Tenant& tenant() const { return *caller.tenant; }
  TenantId tenant_id() const { return caller.tenant->id; }
  const std::string& path_text(std::string_view name) const { return path.find(name)->second; }
  /// The id in the path. Throws the problem of a resource that is not there.
  template <typename Id>
  Id path_id(std::string_view name, std::string_view what) const {
    const auto id = Id::parse(path_text(name));
    if (!id) throw not_found(what);
    return *id;
  }
  /// What the client calls the request; nullopt without one. Throws the problem of a bad one.
  std::optional<std::string> idempotency_key() const;
  JobStore& jobs() const;
  /// The migration of the path's `migration_id`. Throws its problem.
  Migration migration() const;
  /// The job of the path's `job_id`. Throws its problem.
  Job job() const;
};

/// What a key must be good for.
enum class Access : std::uint8_t { open, read, write, manage, admin };

/// When a request needs a thread of its own.
enum class Streamed : std::uint8_t {
  never,
  always,
  /// A thread, but no stream: the answer waits for others than the storage.
  aside,
  /// The client asks for a file, by its Accept header.
  for_files,
};

/// A parameter of a query, for the router and for the API's description.
struct Parameter {
  std::string_view name;
  /// Of the schema in the API's description: a name of its components, or a JSON type.
  std::string_view schema;
  std::string_view description;
  bool repeatable = false;
};

/// One operation of the API.
struct Route {
  std::string_view method;
  /// As in OpenAPI: `/api/v1/jobs/{job_id}`.
  std::string_view path;
  std::string_view operation_id;
  Access access;
  http::Answer (*handle)(Call& call);
  std::string_view summary;
  std::span<const Parameter> parameters = {};
  /// Names of schemas in the API's description; empty for none.
  std::string_view body = {};
  std::string_view answer = {};
  int status = 200;
  Streamed streamed = Streamed::never;
  /// Other content types of the body and of the answer.
  std::string_view body_type = "application/json";
  std::string_view answer_types = "application/json";
  /// What is not read only, and still changes nothing, is not audited.
  bool audited = true;
};

http::Answer json_answer(const boost::json::object& body, int status = 200);

}  // namespace freight::daemon::rest
