#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "core/patience.hpp"
#include "freight/connector_registry.hpp"
#include "freight/database_schema.hpp"

namespace freight::migration {

/// Where a migration's tables go, and how long it is waited for.
struct Target {
  const ConnectorRegistry& connectors;
  ConnectorRequest databases;
  DatabaseKind kind = DatabaseKind::sqlite;
  std::chrono::milliseconds longest_outage;
  /// Called while the database is waited for; throws to give up. Thread-safe.
  std::function<void()> watch;
};

/// A connection that is opened when it is needed, and again when it was lost. One thread at a time.
class TargetConnection {
 public:
  explicit TargetConnection(const Target& target) : target_(target) {}

  void run(const std::string& statement) {
    with([&](SchemaConnection& connection) {
      connection.run(statement);
      return 0;
    });
  }
  std::vector<std::vector<std::optional<std::string>>> ask(const std::string& query) {
    return with([&](SchemaConnection& connection) { return connection.ask(query); });
  }

 private:
  template <typename Work>
  std::invoke_result_t<Work, SchemaConnection&> with(const Work& work) {
    const auto once = [&] {
      try {
        if (!connection_) {
          connection_ = target_.connectors.open_schema(target_.databases, DatabaseUse::destination,
                                                       target_.watch);
        }
        return work(*connection_);
      } catch (...) {
        connection_.reset();
        throw;
      }
    };
    return core::patiently(target_.longest_outage, once, target_.watch);
  }

  const Target& target_;
  std::unique_ptr<SchemaConnection> connection_;
};

}  // namespace freight::migration
