#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include "commands/command.hpp"
#include "console.hpp"
#include "exit_status.hpp"
#include "freight/error.hpp"
#include "freight/storage.hpp"
#include "option_reader.hpp"
#include "rest/shapes.hpp"
#include "tenant_storage.hpp"

namespace freight::daemon {
namespace {

std::vector<Scope> scopes_of(std::string_view text) {
  std::vector<Scope> scopes;
  while (true) {
    const auto comma = text.find(',');
    const auto name = text.substr(0, comma);
    const auto scope = parse_scope(name);
    if (!scope) {
      throw Error(Code::usage,
                  "--scopes takes read, write and manage with commas between them, not '" +
                      std::string(name) + "'");
    }
    scopes.push_back(*scope);
    if (comma == std::string_view::npos) break;
    text.remove_prefix(comma + 1);
  }
  // Who may write may manage, unless told otherwise by a list of several.
  if (scopes == std::vector{Scope::write}) scopes.push_back(Scope::manage);
  return scopes;
}

std::string describe(const ApiKey& key) {
  std::string scopes;
  for (const Scope scope : key.scopes) {
    scopes += (scopes.empty() ? "" : ",") + std::string(to_string(scope));
  }
  return key.id.to_string() + "  " + key.prefix + "…  " + (scopes.empty() ? "admin" : scopes) +
         (key.expires_at ? "  expires " + format_timestamp(*key.expires_at) : "");
}

int create_key(TenantStore& tenants, const Options& options) {
  NewApiKey key;
  if (!options.admin) key.tenant_id = find_tenant(tenants, options.arguments[1]);
  if (options.scopes) key.scopes = scopes_of(*options.scopes);
  if (options.expires_in) key.expires_in = read_duration("expires-in", *options.expires_in);
  const CreatedApiKey created = tenants.create_key(key);
  if (options.json) {
    boost::json::object object = rest::shape_of(created.key);
    object["key"] = created.secret;
    print(boost::json::serialize(object) + "\n");
    return exit_completed;
  }
  say(describe(created.key));
  say("  the key itself follows on stdout; it is not shown again");
  print(created.secret + "\n");
  return exit_completed;
}

int list_keys(const std::vector<ApiKey>& keys, bool json) {
  boost::json::array list;
  for (const ApiKey& key : keys) {
    if (json) list.push_back(rest::shape_of(key));
    if (!json) print(describe(key) + "\n");
  }
  if (json) print(boost::json::serialize(list) + "\n");
  return exit_completed;
}

[[noreturn]] void refuse() {
  throw Error(Code::usage,
              "'freightd key' takes create TENANT, create --admin, list TENANT, list --admin or "
              "revoke KEY_ID");
}

}  // namespace

int key_command(const Options& options) {
  const std::vector<std::string>& words = options.arguments;
  const std::string& action = words.front();
  const bool for_tenant = action == "create" || action == "list";
  if (!for_tenant && action != "revoke") refuse();
  if (words.size() != (for_tenant && options.admin ? 1U : 2U)) refuse();
  // An installation's first key may come before all else.
  const auto storage =
      action == "create"
          ? open_storage(options.storage)
          : open_existing_storage(options.storage,
                                  action == "list" ? StorageUse::look : StorageUse::change);
  TenantStore& tenants = storage->tenants();
  if (action == "create") return create_key(tenants, options);
  if (action == "list") {
    const auto tenant =
        options.admin ? std::nullopt : std::optional(find_tenant(tenants, words[1]));
    return list_keys(tenants.list_keys(tenant), options.json);
  }
  const auto id = ApiKeyId::parse(words[1]);
  if (!id) throw Error(Code::not_found, "there is no key '" + words[1] + "'");
  tenants.revoke_key(*id);
  say("key " + id->to_string() + " is revoked");
  return exit_completed;
}

}  // namespace freight::daemon
