#include <string>

#include "commands/command.hpp"
#include "console.hpp"
#include "exit_status.hpp"
#include "freight/error.hpp"
#include "retention.hpp"
#include "server.hpp"
#include "tenant_storage.hpp"

namespace freight::daemon {

int prune_command(const Options& options) {
  const ServerOptions& server = options.server;
  if (!server.retain_uploads && !server.retain_rejects && !server.retain_jobs) {
    throw Error(Code::usage, "nothing is to be deleted",
                {.hint = "say what: --retain-uploads, --retain-rejects or --retain-jobs"});
  }
  const auto storage = open_existing_storage(options.storage, StorageUse::change);
  const auto blobs = open_blobs(*storage, options);
  const Pruned pruned = prune_storage(*storage, *blobs, server);
  say("deleted " + std::to_string(pruned.uploads) + " uploads and " + std::to_string(pruned.jobs) +
      " jobs, and forgot what " + std::to_string(pruned.rejects) + " rejected records held");
  if (pruned.migrations > 0) {
    say("deleted " + std::to_string(pruned.migrations) + " migrations");
  }
  return exit_completed;
}

}  // namespace freight::daemon
