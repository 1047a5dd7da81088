#pragma once

#include <string>
#include <vector>

#include "freight/job_spec.hpp"
#include "freight/migration_engine.hpp"
#include "rest/call.hpp"

namespace freight::daemon::rest {

/// A spec that a tenant sent, checked: that it is one, that its uploads and connections are the
/// tenant's, and that it names nothing that tenants may not reach.
struct TenantSpec {
  std::optional<JobSpec> spec;
  std::vector<InputError> errors;
};

/// A migration that a tenant sent, checked in the same way. Throws the problems of what is none.
MigrationRequest require_migration(const Call& call);

/// The same of a document that is no request's body. Throws the problem of what is no JSON.
TenantSpec read_document(const Call& call, const std::string& document);

/// Reads the request's body, which has to be JSON. Throws the problems of what is none.
TenantSpec read_spec(const Call& call);

/// The same, where a spec with errors is the problem to throw.
JobSpec require_spec(const Call& call);

}  // namespace freight::daemon::rest
