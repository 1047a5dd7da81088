#pragma once

#include "freight/codes.hpp"
#include "freight/job.hpp"

namespace freight::daemon {

/// What a command ends with; a contract.
enum ExitStatus : int {
  exit_completed = 0,
  exit_failed = 1,
  exit_usage = 2,
  exit_with_rejects = 3,
  exit_paused = 4,
  exit_interrupted = 130,
};

/// Of a job or a migration that has ended or is paused; `exit_interrupted` for one that is still at
/// work.
ExitStatus exit_status_of(JobStatus status);

/// Of a command that an Error ended.
ExitStatus exit_status_of(Code code);

}  // namespace freight::daemon
