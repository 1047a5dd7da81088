#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "freight/storage.hpp"
#include "options.hpp"

namespace freight::daemon {

/// What the command line works as; made when missing.
inline constexpr std::string_view default_tenant_name = "default";

/// The storage of the options and the default tenant in it.
struct TenantStorage {
  std::unique_ptr<Storage> storage;
  TenantId tenant_id;
};

TenantStorage open_tenant_storage(const Options& options);

/// By id, a deleted one's too, or, which people rather remember, by name. Throws Error(not_found).
TenantId find_tenant(TenantStore& tenants, const std::string& text);

/// The tenant's job of that id. Throws Error(not_found).
Job find_job(const TenantStorage& from, const std::string& id);

}  // namespace freight::daemon
