#include "freight/storage.hpp"

#include <string>
#include <utility>

#include <boost/json.hpp>

#include "commands/command.hpp"
#include "console.hpp"
#include "exit_status.hpp"
#include "freight/error.hpp"

namespace freight::daemon {
namespace {

std::string json_of(const Storage& storage, const SchemaStatus& status) {
  boost::json::array migrations;
  for (const auto& migration : status.migrations) {
    boost::json::value applied_at = nullptr;
    if (!migration.applied_at.empty()) applied_at = boost::json::string(migration.applied_at);
    migrations.push_back(boost::json::object{{"version", migration.version},
                                             {"name", migration.name},
                                             {"applied_at", std::move(applied_at)}});
  }
  return boost::json::serialize(boost::json::object{{"url", storage.display_url()},
                                                    {"version", status.version},
                                                    {"latest", status.latest},
                                                    {"migrations", std::move(migrations)}}) +
         "\n";
}

std::string text_of(const Storage& storage, const SchemaStatus& status) {
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
  return text;
}

}  // namespace

int storage_command(const Options& options) {
  const std::string& action = options.arguments.front();
  if (action != "status" && action != "upgrade") {
    throw Error(Code::usage, "'freightd storage' takes status or upgrade, not '" + action + "'");
  }
  const auto storage = action == "upgrade" ? open_storage(options.storage)
                                           : open_storage(options.storage, {.upgrade = false});
  const SchemaStatus status = storage->schema_status();
  print(options.json ? json_of(*storage, status) : text_of(*storage, status));
  return exit_completed;
}

}  // namespace freight::daemon
