#pragma once

#include <filesystem>

#include "freight/error.hpp"
#include "freight/job_spec.hpp"
#include "freight/job_store.hpp"
#include "options.hpp"

namespace freight::daemon {

/// Throws Error(usage) when the files that the options name cannot be made.
void check_output_paths(const Options& options);

/// The job's rejects as CSV; `-` is stdout. Throws Error.
void write_rejects(JobStore& store, const Job& job, const std::filesystem::path& path,
                   const Options& options);

/// Writes what the options ask for: the report and the rejects to their files, the report or the
/// summary to stdout, and why the job failed to stderr. Throws Error.
void write_outputs(JobStore& store, const Job& job, const Options& options);

/// The same for a job that could not even be begun: a report that says why.
void write_outputs_of_failure(const JobSpec& spec, const Failure& failure, const Options& options);

}  // namespace freight::daemon
