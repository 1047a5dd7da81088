#pragma once

#include "engine/job_connectors.hpp"
#include "freight/engine/work.hpp"
#include "freight/engine/work_store.hpp"
#include "freight/job_spec.hpp"

namespace freight::engine {

/// What the connectors of a job say of it before its first write.
JobDescription describe(const JobSpec& spec, const JobConnectors& connectors, TaskAttempt& attempt);

/// Keeps that of a job that was submitted with its plan, unless it is kept or there is nothing that
/// is not known; `job` says it then, too.
void describe_if_needed(WorkStore& store, Job& job, const JobSpec& spec,
                        const JobConnectors& connectors, TaskAttempt& attempt);

}  // namespace freight::engine
