#include "commands/command.hpp"

#include <array>

namespace freight::daemon {
namespace {

constexpr std::array commands{
    Command{"run", "JOB.json", "run a job to its end, or go on with one that was begun",
            OptionSet::run, 1, run_command},
    Command{"validate", "JOB.json", "check a job and every record of its source, and write nothing",
            OptionSet::validate, 1, validate_command},
    Command{"storage", "status|upgrade", "show or upgrade the schema of Freight's own database",
            OptionSet::storage, 1, storage_command},
    Command{"version", "", "show the version and the databases that it was built with",
            OptionSet::none, 0, version_command},
};

}  // namespace

std::span<const Command> all_commands() { return commands; }

}  // namespace freight::daemon
