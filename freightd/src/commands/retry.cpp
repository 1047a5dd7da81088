#include <optional>
#include <utility>

#include "commands/command.hpp"
#include "freight/error.hpp"
#include "interruption.hpp"
#include "job_file.hpp"
#include "job_output.hpp"
#include "job_run.hpp"
#include "patience.hpp"
#include "tenant_storage.hpp"

// Ended jobs that are put back to work, and worked for to their end.

namespace freight::daemon {
namespace {

/// An ended job and where it is.
struct Ended {
  TenantStorage from;
  Job job;
};

Ended find_ended(const Options& options) {
  end_soon_when_interrupted(
      "what is committed is safe; `freightd run` with the job file goes on with the job");
  check_output_paths(options);
  return patiently(RetrySpec().max_outage, [&] {
    TenantStorage from = open_tenant_storage(options, StorageUse::change);
    Job job = find_job(from, options.arguments.front());
    return Ended{std::move(from), std::move(job)};
  });
}

/// The spec that the job was submitted with; its `${env:NAME}` are filled in from the environment.
JobSpec spec_of(const Job& job) {
  SpecResult parsed = parse_job_spec(job.spec, command_line_spec_options());
  if (parsed.spec) return *std::move(parsed.spec);
  const SpecError& error = parsed.errors.front();
  throw Error(error.code,
              "the spec of job " + job.id.to_string() + " cannot be used here: " + error.pointer +
                  ": " + error.detail,
              {.hint = "its ${env:NAME} are filled in from this environment: set what it was run "
                       "with"});
}

}  // namespace

int replay_command(const Options& options) {
  Ended ended = find_ended(options);
  return JobRun(spec_of(ended.job), options).replay(std::move(ended.from), ended.job);
}

int retry_command(const Options& options) {
  const auto scope = options.scope ? parse_retry_scope(*options.scope) : RetryScope::all;
  if (!scope) {
    throw Error(Code::usage, "--scope takes failed_batches, rejected_records or all, not '" +
                                 *options.scope + "'");
  }
  Ended ended = find_ended(options);
  return JobRun(spec_of(ended.job), options).retry(std::move(ended.from), ended.job, *scope);
}

}  // namespace freight::daemon
