#pragma once

#include <memory>
#include <string>
#include <vector>

#include "freight/job_engine.hpp"
#include "freight/migration_engine.hpp"
#include "freight/storage.hpp"

namespace freight::daemon {
class Blobs;
class Connections;
class EventSignal;
class Metrics;
class Reach;
class LogOutput;
class ServerState;
}  // namespace freight::daemon

namespace freight::daemon::rest {

class Authenticator;
class RateLimiter;

/// What the routes work with. All of it is thread-safe and outlives the requests.
struct Services {
  Storage& storage;
  JobEngine& engine;
  MigrationEngine& migrations;
  const ConnectorRegistry& connectors;
  Authenticator& authenticator;
  RateLimiter& rates;
  Blobs& blobs;
  Connections& connections;
  const Reach& reach;
  EventSignal& events;
  Metrics& metrics;
  LogOutput& log;
  ServerState& state;
  /// The whole of /openapi.json.
  std::string openapi = {};
  /// Origins whose pages may call; `*` for any.
  std::vector<std::string> cors_origins = {};
};

}  // namespace freight::daemon::rest
