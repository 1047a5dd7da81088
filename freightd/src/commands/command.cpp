#include "commands/command.hpp"

#include <array>

namespace freight::daemon {
namespace {

constexpr std::array commands{
    Command{"run", "JOB.json", "run a job to its end, or go on with one that was begun",
            OptionSet::run, 0, 1, run_command},
    Command{"validate", "JOB.json", "check a job and every record of its source, and write nothing",
            OptionSet::validate, 1, 1, validate_command},
    Command{"preview", "JOB.json",
            "show the first records of a job's source as they would be written", OptionSet::preview,
            1, 1, preview_command},
    Command{"init", "FILE",
            "look at a file, print a job that loads it, and say on stderr what was seen",
            OptionSet::init, 1, 1, init_command},
    Command{"jobs", "", "list the jobs, the newest first", OptionSet::jobs, 0, 0, jobs_command},
    Command{"report", "JOB", "show the report of a job", OptionSet::report, 1, 1, report_command},
    Command{"rejects", "JOB", "write the rejected records of a job as CSV", OptionSet::rejects, 1,
            1, rejects_command},
    Command{"replay", "JOB", "try the rejected records of a job again, corrected or as they are",
            OptionSet::replay, 1, 1, replay_command},
    Command{"retry", "JOB", "try what a job left undone again, its rejected records too",
            OptionSet::retry, 1, 1, retry_command},
    Command{"log", "JOB", "show what happened to a job, its batches and its records",
            OptionSet::log, 1, 1, log_command},
    Command{"cancel", "JOB", "end a job; batches in flight end or go back", OptionSet::control, 1,
            1, cancel_command},
    Command{"pause", "JOB", "let nothing more of a job begin", OptionSet::control, 1, 1,
            pause_command},
    Command{"resume", "JOB", "let a paused job go on", OptionSet::control, 1, 1, resume_command},
    Command{"delete", "JOB", "forget a job that has ended; what it wrote stays", OptionSet::control,
            1, 1, delete_command},
    Command{"tenant", "create|list|suspend|resume|delete", "manage tenants", OptionSet::storage, 1,
            2, tenant_command},
    Command{"key", "create|list|revoke", "manage the API keys of tenants", OptionSet::key, 1, 2,
            key_command},
    Command{"serve", "", "answer the REST API, and work for the jobs", OptionSet::serve, 0, 0,
            serve_command},
    Command{"worker", "", "work for the jobs of a storage, beside a server", OptionSet::worker, 0,
            0, worker_command},
    Command{"prune", "",
            "delete uploads, rejects and jobs that are older than the --retain options",
            OptionSet::prune, 0, 0, prune_command},
    Command{"erase", "TENANT", "forget what is kept of the records of one key, in ended jobs",
            OptionSet::erase, 1, 1, erase_command},
    Command{"reseal", "", "seal connections again with the first of the master keys",
            OptionSet::reseal, 0, 0, reseal_command},
    Command{"spec", "", "print the JSON Schema of job files", OptionSet::none, 0, 0, spec_command},
    Command{"storage", "status|upgrade", "show or upgrade the schema of Freight's own database",
            OptionSet::storage, 1, 1, storage_command},
    Command{"version", "", "show the version and the databases that it was built with",
            OptionSet::version, 0, 0, version_command},
};

}  // namespace

std::span<const Command> all_commands() { return commands; }

}  // namespace freight::daemon
