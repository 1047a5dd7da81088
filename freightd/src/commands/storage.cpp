#include "freight/storage.hpp"

#include <string>

#include "commands/command.hpp"
#include "console.hpp"
#include "exit_status.hpp"
#include "freight/error.hpp"

namespace freight::daemon {
namespace {

void print_status(Storage& storage) {
  const SchemaStatus status = storage.schema_status();
  std::string text = storage.display_url() + ": schema version " + std::to_string(status.version);
  if (status.version == status.latest) {
    text += ", up to date\n";
  } else {
    text += " of " + std::to_string(status.latest) +
            "; 'freightd storage upgrade' brings it up to date\n";
  }
  for (const auto& migration : status.migrations) {
    text += "  " + std::to_string(migration.version) + "  " + migration.name + "  " +
            (migration.applied_at.empty() ? "not applied" : "applied " + migration.applied_at) +
            "\n";
  }
  print(text);
}

}  // namespace

int storage_command(const Options& options) {
  const std::string& action = options.arguments.front();
  if (action != "status" && action != "upgrade") {
    throw Error(Code::usage, "'freightd storage' takes status or upgrade, not '" + action + "'");
  }
  print_status(*open_storage(options.storage, {.upgrade = action == "upgrade"}));
  return exit_completed;
}

}  // namespace freight::daemon
