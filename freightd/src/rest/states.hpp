#pragma once

#include <string>

#include "freight/job.hpp"
#include "rest/problem.hpp"

namespace freight::daemon::rest {

/// The problem of a job whose state does not allow what was asked; it says what can be asked.
Problem wrong_state(JobStatus status, std::string detail);
/// The same of a migration.
Problem wrong_migration_state(JobStatus status, std::string detail);

}  // namespace freight::daemon::rest
