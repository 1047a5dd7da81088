#pragma once

#include <string>
#include <vector>

#include "freight/job_spec.hpp"
#include "freight/migration_engine.hpp"

namespace freight::migration {

/// A request as storage keeps it.
struct RequestText {
  /// Everything that is wrong with it; then nothing else is set.
  std::vector<SpecError> errors;
  /// A job of the defaults alone: where both databases are.
  JobSpec databases;
  /// The migration without passwords, with whole paths and the overrides in it.
  std::string stored;
  std::string identity;
  /// `stored` alone cannot be run: passwords, or values of the environment, were left out.
  bool needs_secrets = false;
};

RequestText text_of_request(const MigrationRequest& request);

/// The request that `stored` was made of, as far as it says; throws invalid_spec.
MigrationRequest request_of_text(const Migration& migration, const ConnectorRegistry& connectors);

}  // namespace freight::migration
