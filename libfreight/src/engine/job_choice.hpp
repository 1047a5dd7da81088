#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "freight/job.hpp"
#include "freight/job_spec.hpp"

namespace freight::engine {

/// What becomes of a job spec that is to be run and was run before, or was not.
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

/// What such a job leaves is the same however often it runs, and nobody can tell whether its source
/// has changed since.
bool runs_always(const JobSpec& spec);

/// All that it would do again is as it was: what its spec says now holds, and nothing is doubled.
bool wrote_nothing(const Job& job);

/// The destination may take by now what it refused of the ended `job`, and can be added to.
bool may_take_refused(const Job& job, const JobSpec& spec);

}  // namespace freight::engine
