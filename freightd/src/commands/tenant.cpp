#include <string>
#include <vector>

#include <boost/json.hpp>

#include "commands/command.hpp"
#include "console.hpp"
#include "exit_status.hpp"
#include "freight/error.hpp"
#include "freight/storage.hpp"
#include "rest/shapes.hpp"
#include "tenant_storage.hpp"
#include "terminal_text.hpp"

namespace freight::daemon {
namespace {

void print_tenant(const Tenant& tenant, bool json) {
  if (json) return print(boost::json::serialize(rest::shape_of(tenant)) + "\n");
  print(tenant.id.to_string() + "  " + std::string(to_string(tenant.status)) + "  " +
        printable(tenant.name) + "\n");
}

TenantId tenant_id_of(const std::string& text) {
  const auto id = TenantId::parse(text);
  if (id) return *id;
  throw Error(Code::not_found, "there is no tenant '" + text + "'",
              {.hint = "'freightd tenant list' shows them with their ids"});
}

int list_tenants(TenantStore& tenants, bool json) {
  if (json) {
    boost::json::array list;
    for (const Tenant& tenant : tenants.list()) list.push_back(rest::shape_of(tenant));
    print(boost::json::serialize(list) + "\n");
    return exit_completed;
  }
  for (const Tenant& tenant : tenants.list()) print_tenant(tenant, false);
  return exit_completed;
}

[[noreturn]] void refuse(const std::string& action) {
  throw Error(
      Code::usage,
      "'freightd tenant' takes create NAME, list, suspend ID, resume ID or delete ID, not '" +
          action + "'");
}

}  // namespace

int tenant_command(const Options& options) {
  const std::vector<std::string>& words = options.arguments;
  const std::string& action = words.front();
  const bool known = action == "create" || action == "suspend" || action == "resume" ||
                     action == "delete" || action == "list";
  if (!known || words.size() != (action == "list" ? 1U : 2U)) refuse(action);
  // Only for a first tenant may there be none yet.
  const auto storage =
      action == "create"
          ? open_storage(options.storage)
          : open_existing_storage(options.storage,
                                  action == "list" ? StorageUse::look : StorageUse::change);
  TenantStore& tenants = storage->tenants();
  if (action == "list") return list_tenants(tenants, options.json);
  if (action == "create") {
    NewTenant tenant;
    tenant.name = words[1];
    print_tenant(tenants.create(tenant), options.json);
    return exit_completed;
  }
  const TenantId id = tenant_id_of(words[1]);
  if (action == "delete") {
    tenants.remove(id);
    say("tenant " + id.to_string() + " is deleted; its jobs stay in the storage");
    return exit_completed;
  }
  tenants.set_status(id, action == "suspend" ? TenantStatus::suspended : TenantStatus::active);
  if (const auto tenant = tenants.find(id)) print_tenant(*tenant, options.json);
  return exit_completed;
}

}  // namespace freight::daemon
