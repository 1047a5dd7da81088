#include "tenant_storage.hpp"

#include <algorithm>
#include <optional>

#include "freight/error.hpp"

namespace freight::daemon {

TenantStorage open_tenant_storage(const Options& options) {
  TenantStorage opened{open_storage(options.storage), {}};
  opened.tenant_id = opened.storage->tenants().find_or_create(default_tenant_name).id;
  return opened;
}

TenantId find_tenant(TenantStore& tenants, const std::string& text) {
  if (const auto id = TenantId::parse(text)) return *id;
  const auto all = tenants.list();
  const auto named = std::find_if(all.begin(), all.end(),
                                  [&](const Tenant& tenant) { return tenant.name == text; });
  if (named != all.end()) return named->id;
  throw Error(Code::not_found, "there is no tenant '" + text + "'",
              {.hint = "'freightd tenant list' shows them"});
}

Job find_job(const TenantStorage& from, const std::string& id) {
  const auto job_id = JobId::parse(id);
  auto job = job_id ? from.storage->jobs().find_job(from.tenant_id, *job_id) : std::nullopt;
  if (job) return *std::move(job);
  throw Error(Code::not_found, "there is no job '" + id + "' in " + from.storage->display_url(),
              {.hint = "'freightd jobs' lists them; --storage names another storage"});
}

}  // namespace freight::daemon
