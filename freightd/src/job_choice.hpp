#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "freight/job.hpp"

namespace freight::daemon {

/// What `run` does about a job file that was run before, or was not.
enum class JobAction {
  submit,          ///< a new job
  resume,          ///< an unfinished one goes on
  requeue,         ///< a failed or cancelled one is put back to work
  show,            ///< a completed one is reported again
  source_changed,  ///< refused: it would mix two inputs in one job
};

struct JobChoice {
  JobAction action = JobAction::submit;
  /// The job that it is about; nullptr for submit. Points into the jobs that were given.
  const Job* job = nullptr;
};

/// Decides by the tenant's jobs of that identity, newest first, and the fingerprint that the input
/// has now (empty for an input that has none). Pure.
///
/// An unfinished job comes first: two of one identity must not write side by side. Else a job of
/// this very input decides, and of an earlier one only when it left its work half done.
JobChoice choose_job(std::span<const Job> jobs, std::string_view fingerprint);

}  // namespace freight::daemon
