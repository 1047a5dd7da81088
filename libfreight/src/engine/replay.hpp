#pragma once

#include "freight/job_engine.hpp"

namespace freight::engine {

/// JobEngine::retry() and replay() but for the waking of workers.
RetryResult retry_ended(JobStore& store, TenantId tenant_id, JobId job_id, RetryScope scope);
ReplayResult replay_selected(JobStore& store, TenantId tenant_id, JobId job_id,
                             const DeadLetterFilter& filter);
ReplayResult replay_corrected(JobStore& store, TenantId tenant_id, JobId job_id,
                              const CorrectionReader& corrections);

}  // namespace freight::engine
