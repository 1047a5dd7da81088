#include "tenant_storage.hpp"

#include <optional>

#include "freight/error.hpp"

namespace freight::daemon {

TenantStorage open_tenant_storage(const Options& options) {
  TenantStorage opened{open_storage(options.storage), {}};
  opened.tenant_id = opened.storage->tenants().find_or_create(default_tenant_name).id;
  return opened;
}

Job find_job(const TenantStorage& from, const std::string& id) {
  const auto job_id = JobId::parse(id);
  auto job = job_id ? from.storage->jobs().find_job(from.tenant_id, *job_id) : std::nullopt;
  if (job) return *std::move(job);
  throw Error(Code::not_found, "there is no job '" + id + "' in " + from.storage->display_url(),
              {.hint = "'freightd jobs' lists them; --storage names another storage"});
}

}  // namespace freight::daemon
