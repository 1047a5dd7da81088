#pragma once

#include <string>
#include <string_view>

#include "freight/connector_registry.hpp"
#include "freight/job_spec.hpp"
#include "freight/job_store.hpp"
#include "freight/storage.hpp"

namespace freight::engine {

/// The name of this machine as its operating system has it.
std::string host_name();

/// What work of nodes on this machine offers.
std::string host_affinity();

/// What a node must offer for a job without secrets: this host, for one with local paths.
std::string place_affinity(const Storage& storage, const JobSpec& spec);

/// How the affinity of a job begins whose secrets are in the memory of some engine only.
inline constexpr std::string_view secret_affinity_prefix = "secret:";

/// Checks a spec against storage and connectors and makes the row of the job. Throws
/// destination_is_storage, unsupported_connector and what the connectors' factories throw.
NewJob new_job(const Storage& storage, const ConnectorRegistry& registry, TenantId tenant_id,
               JobId job_id, const JobSpec& spec);

}  // namespace freight::engine
