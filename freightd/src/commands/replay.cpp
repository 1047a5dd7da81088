#include <cstdlib>
#include <string>

#include "commands/command.hpp"
#include "freight/error.hpp"
#include "job_output.hpp"
#include "job_run.hpp"
#include "tenant_storage.hpp"

namespace freight::daemon {
namespace {

std::optional<std::string> from_environment(const std::string& name) {
  const char* const value = std::getenv(name.c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

/// The spec that the job was submitted with; its `${env:NAME}` are filled in from the environment.
JobSpec spec_of(const Job& job) {
  SpecOptions options;
  options.environment = from_environment;
  return parse_job_spec(job.spec, options).value();
}

}  // namespace

int replay_command(const Options& options) {
  check_output_paths(options);
  TenantStorage from = open_tenant_storage(options);
  const Job job = find_job(from, options.arguments.front());
  JobRun run(spec_of(job), options);
  return run.replay(std::move(from), job);
}

}  // namespace freight::daemon
