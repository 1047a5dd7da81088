#include <string>

#include "commands/command.hpp"
#include "interruption.hpp"
#include "job_file.hpp"
#include "job_output.hpp"
#include "job_run.hpp"
#include "proposal.hpp"

namespace freight::daemon {
namespace {

JobFile job_file_of(const Options& options) {
  if (options.arguments.empty() && !options.from) {
    throw Error(Code::usage, "usage: freightd run [OPTIONS] JOB.json",
                {.hint = "see freightd run --help"});
  }
  JobFile file{.overrides = options.overrides};
  if (options.from) {
    file.path = options.from->string();
    file.text = job_from_file(options);
  } else {
    file.path = options.arguments.front();
  }
  if (options.limit) file.overrides.emplace_back("/source/limit", std::to_string(*options.limit));
  return file;
}

int run_job_file(const JobFile& file, const Options& options) {
  end_soon_when_interrupted("what is committed is safe; run the same command again to go on");
  check_output_paths(options);
  const auto spec = read_job_file(file);
  if (!spec) return exit_usage;
  try {
    return JobRun(*spec, options).run();
  } catch (const Error& error) {
    // Whoever reads reports learns of it there as well; main() says it on stderr.
    if (error.code() != Code::output_failed)
      write_outputs_of_failure(*spec, failure_of(error), options);
    throw;
  }
}

}  // namespace

int run_command(const Options& options) {
  JobFile file = job_file_of(options);
  if (options.new_job) file.overrides.emplace_back("/rerun", "allow");
  return run_job_file(file, options);
}

int validate_command(const Options& options) {
  JobFile file = job_file_of(options);
  file.overrides.emplace_back("/mode", "validate");
  return run_job_file(file, options);
}

}  // namespace freight::daemon
