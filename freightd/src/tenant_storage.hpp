#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "freight/storage.hpp"
#include "options.hpp"

namespace freight::daemon {

/// What the command line works as; `run` and `validate` make it when it is missing.
inline constexpr std::string_view default_tenant_name = "default";

/// What a command does with a storage that is there: only one that changes something brings its
/// schema up to date.
enum class StorageUse { look, change };

/// Never makes one: throws Error(not_found) when there is none.
std::unique_ptr<Storage> open_existing_storage(const std::string& url, StorageUse use);

/// The storage of the options and the default tenant in it.
struct TenantStorage {
  std::unique_ptr<Storage> storage;
  /// Nil where nothing was ever run: no job is its.
  TenantId tenant_id;
};

/// See open_existing_storage().
TenantStorage open_tenant_storage(const Options& options, StorageUse use);

/// By id, a deleted one's too, or, which people rather remember, by name. Throws Error(not_found).
TenantId find_tenant(TenantStore& tenants, const std::string& text);

/// The tenant's job of that id, or the only one whose id begins so. Throws Error(not_found), and
/// Error(usage) for a beginning that several have.
Job find_job(const TenantStorage& from, const std::string& id);

}  // namespace freight::daemon
