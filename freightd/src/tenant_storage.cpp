#include "tenant_storage.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <system_error>

#include "freight/error.hpp"

namespace freight::daemon {
namespace {

/// Before anything is opened: opening makes files.
bool is_missing_file(const std::string& url) {
  constexpr std::string_view scheme = "sqlite:";
  std::error_code failed;
  return url.starts_with(scheme) && url.size() > scheme.size() &&
         !std::filesystem::exists(url.substr(scheme.size()), failed) && !failed;
}

[[noreturn]] void refuse_missing(const std::string& display_url) {
  throw Error(Code::not_found, "there is no storage of Freight at " + display_url,
              {.hint = "--storage names another; `freightd run` makes one, and `freightd storage "
                       "upgrade` an empty one"});
}

std::optional<TenantId> tenant_named(TenantStore& tenants, std::string_view name) {
  const auto all = tenants.list();
  const auto named = std::find_if(all.begin(), all.end(),
                                  [&](const Tenant& tenant) { return tenant.name == name; });
  if (named == all.end()) return std::nullopt;
  return named->id;
}

/// The only job whose id begins with `text`; nil when none does.
JobId id_beginning(const TenantStorage& from, const std::string& text) {
  // Less says nothing: ids begin with the time.
  constexpr std::size_t fewest = 4;
  JobId found;
  if (text.size() < fewest) return found;
  JobQuery query{.limit = 1000};
  do {
    const JobPage page = from.storage->jobs().list_jobs(from.tenant_id, query);
    for (const Job& job : page.jobs) {
      if (!job.id.to_string().starts_with(text)) continue;
      if (found != JobId()) {
        throw Error(Code::usage, "several jobs have ids that begin with '" + text + "'",
                    {.hint = "'freightd jobs' shows them whole"});
      }
      found = job.id;
    }
    query.cursor = page.next_cursor;
  } while (!query.cursor.empty());
  return found;
}

}  // namespace

std::unique_ptr<Storage> open_existing_storage(const std::string& url, StorageUse use) {
  if (is_missing_file(url)) refuse_missing(url);
  auto storage = open_storage(url, {.upgrade = false});
  if (storage->schema_status().version == 0) refuse_missing(storage->display_url());
  if (use == StorageUse::change) storage = open_storage(url);
  return storage;
}

TenantStorage open_tenant_storage(const Options& options, StorageUse use) {
  TenantStorage opened{open_existing_storage(options.storage, use), {}};
  if (const auto tenant = tenant_named(opened.storage->tenants(), default_tenant_name))
    opened.tenant_id = *tenant;
  return opened;
}

TenantId find_tenant(TenantStore& tenants, const std::string& text) {
  if (const auto id = TenantId::parse(text)) return *id;
  if (const auto id = tenant_named(tenants, text)) return *id;
  throw Error(Code::not_found, "there is no tenant '" + text + "'",
              {.hint = "'freightd tenant list' shows them"});
}

Job find_job(const TenantStorage& from, const std::string& id) {
  const auto whole = JobId::parse(id);
  const JobId job_id = whole ? *whole : id_beginning(from, id);
  if (auto job = from.storage->jobs().find_job(from.tenant_id, job_id)) return *std::move(job);
  throw Error(Code::not_found, "there is no job '" + id + "' in " + from.storage->display_url(),
              {.hint = "'freightd jobs' lists them; --storage names another storage"});
}

}  // namespace freight::daemon
