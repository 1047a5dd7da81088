#pragma once

#include "freight/connector_registry.hpp"
#include "freight/job.hpp"
#include "freight/job_spec.hpp"

namespace freight::engine {

/// The spec that a job was submitted with, from storage. Throws newer_format, invalid_spec and
/// missing_secret.
JobSpec parse_stored_spec(const Job& job, const ConnectorRegistry& registry);

/// Refuses a spec that was read from storage and whose passwords nobody has put back: throws
/// missing_secret, which says where they belong.
void refuse_missing_secrets(const JobSpec& spec);

/// What a job waits for whose passwords no node has: says where they belong and what to do.
Failure waits_for_secret(const Job& job, const ConnectorRegistry& registry);

/// `attached` as far as it may differ from what the job was submitted with: the batch sizes are the
/// job's own, because its ranges are written already.
JobSpec as_submitted(const JobSpec& attached, const Job& job);

/// The batch sizes that a job was submitted with; the defaults where its spec does not say.
BatchSpec stored_batch_sizes(const Job& job);

}  // namespace freight::engine
