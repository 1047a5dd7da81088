#include <string>

#include "commands/command.hpp"
#include "connectors/file/named_files.hpp"
#include "console.hpp"
#include "exit_status.hpp"
#include "folder_migration.hpp"
#include "freight/inspection.hpp"
#include "proposal.hpp"

namespace freight::daemon {

int init_command(const Options& options) {
  const std::string& path = options.arguments.front();
  if (is_database(path)) {
    print(migration_from_database(path, options.to));
    if (!options.to) say("destination: none was named with --to, so it cannot be run yet");
    return exit_completed;
  }
  if (is_folder_of_tables(path, options.to)) {
    print(migration_from_folder(path, options.to, options));
    if (!options.to) say("destination: none was named with --to, so it cannot be run yet");
    return exit_completed;
  }
  const std::string pattern = file::as_pattern(path).string();
  const ProposedJob proposed = proposed_job(pattern, options.to);
  const Inspection inspection = inspect_file(pattern, {.spool = spool_folder(options)});
  say_findings(inspection);
  if (!options.to) say("destination: none was named with --to, so the job only reads");
  print(options.json ? render_inspection(inspection, proposed) : render_job(inspection, proposed));
  return exit_completed;
}

}  // namespace freight::daemon
