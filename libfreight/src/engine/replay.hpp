#pragma once

#include "freight/job_engine.hpp"

namespace freight::engine {

/// JobEngine::replay() but for the waking of workers.
ReplayResult replay_selected(JobStore& store, TenantId tenant_id, JobId job_id,
                             const DeadLetterFilter& filter);
ReplayResult replay_corrected(JobStore& store, TenantId tenant_id, JobId job_id,
                              const CorrectionReader& corrections);

}  // namespace freight::engine
