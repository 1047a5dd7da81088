#include <string>

#include "commands/command.hpp"
#include "connections.hpp"
#include "console.hpp"
#include "exit_status.hpp"
#include "first_keys.hpp"
#include "freight/storage.hpp"
#include "tenant_storage.hpp"

namespace freight::daemon {

int reseal_command(const Options& options) {
  const auto storage = open_existing_storage(options.storage, StorageUse::change);
  const Reach reach({}, {});
  Connections connections(
      storage->connections(),
      MasterKey::find(options.server.master_key_file, folder_of(options.storage) / "master.key"),
      reach);
  std::vector<TenantId> tenants;
  for (const Tenant& tenant : storage->tenants().list()) tenants.push_back(tenant.id);
  say("sealed " + std::to_string(connections.reseal(tenants)) + " connections again");
  return exit_completed;
}

}  // namespace freight::daemon
