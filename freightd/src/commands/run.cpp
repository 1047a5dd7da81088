#include <string>

#include "commands/command.hpp"
#include "freight/migration.hpp"
#include "interruption.hpp"
#include "job_file.hpp"
#include "job_output.hpp"
#include "job_run.hpp"
#include "migration_run.hpp"
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
    file.text = job_from(options);
  } else {
    file.path = options.arguments.front();
  }
  if (options.limit) file.overrides.emplace_back("/source/limit", std::to_string(*options.limit));
  return file;
}

int run_job(const JobSpec& spec, const Options& options) {
  try {
    return JobRun(spec, options).run();
  } catch (const Error& error) {
    // Whoever reads reports learns of it there as well; main() says it on stderr.
    if (error.code() != Code::output_failed)
      write_outputs_of_failure(spec, failure_of(error), options);
    throw;
  }
}

MigrationRun migration_of(const std::string& text, const JobFile& file, const Options& options) {
  if (options.rejects || options.limit) {
    throw Error(Code::usage, "a migration takes neither --rejects nor --limit",
                {.hint = "`freightd rejects JOB` writes those of one of its tables"});
  }
  auto parsed = parse_migration_spec(text);
  if (parsed.spec) {
    return {{.spec = *std::move(parsed.spec),
             .job_options = spec_options_of(file),
             .only = options.only},
            options};
  }
  say_spec_errors(file.path, parsed.errors);
  throw Error(Code::invalid_spec, "the migration is not valid");
}

enum class Task { run, validate };

int carry_out(const JobFile& file, const Options& options, Task task) {
  end_soon_when_interrupted("what is committed is safe; run the same command again to go on");
  check_output_paths(options);
  const std::string text = read_job_text(file);
  if (is_migration_text(text)) {
    MigrationRun migration = migration_of(text, file, options);
    return task == Task::run ? migration.run() : migration.check();
  }
  if (!options.only.empty()) {
    throw Error(Code::usage, "--only names tables of a migration, and this is a job",
                {.hint = "a file with \"tables\" is a migration"});
  }
  JobFile job = file;
  if (task == Task::validate) job.overrides.emplace_back("/mode", "validate");
  const auto spec = read_job(job, text);
  return spec ? run_job(*spec, options) : static_cast<int>(exit_usage);
}

}  // namespace

int run_command(const Options& options) {
  JobFile file = job_file_of(options);
  if (options.new_job) file.overrides.emplace_back("/rerun", "allow");
  return carry_out(file, options, Task::run);
}

int validate_command(const Options& options) {
  return carry_out(job_file_of(options), options, Task::validate);
}

}  // namespace freight::daemon
