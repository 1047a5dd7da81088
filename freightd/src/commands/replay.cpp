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

namespace freight::daemon {
namespace {

/// The spec that the job was submitted with; its `${env:NAME}` are filled in from the environment.
JobSpec spec_of(const Job& job) {
  return parse_job_spec(job.spec, command_line_spec_options()).value();
}

}  // namespace

int replay_command(const Options& options) {
  end_soon_when_interrupted(
      "what is committed is safe; `freightd run` with the job file goes on with the job");
  check_output_paths(options);
  std::optional<TenantStorage> from;
  const Job job = patiently(RetrySpec().max_outage, [&] {
    if (!from) from = open_tenant_storage(options);
    return find_job(*from, options.arguments.front());
  });
  JobRun run(spec_of(job), options);
  return run.replay(std::move(*from), job);
}

}  // namespace freight::daemon
