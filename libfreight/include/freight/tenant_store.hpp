#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "freight/ids.hpp"
#include "freight/time.hpp"

namespace freight {

enum class TenantStatus { active, suspended };

std::string_view to_string(TenantStatus status);

struct Tenant {
  TenantId id;
  std::string name;
  /// The embedding program's own id of it; unique where set.
  std::optional<std::string> external_id;
  TenantStatus status = TenantStatus::active;
  /// Its share of the workers against the others'; at least 1.
  std::uint32_t weight = 1;
  Timestamp created_at;
};

struct NewTenant {
  /// 1 to 200 bytes; unique among the tenants that are not deleted.
  std::string name;
  std::optional<std::string> external_id;
  std::uint32_t weight = 1;
};

/// Tenants. Thread-safe. Errors: Error(storage_unavailable | storage_busy | storage_failed …).
/// Every call is one transaction and is committed when it returns.
class TenantStore {
 public:
  virtual ~TenantStore() = default;

  /// Throws invalid_value when the name or the external id is taken or out of bounds.
  virtual Tenant create(const NewTenant& tenant) = 0;
  /// The tenant of that name, made when missing; safe to race.
  virtual Tenant find_or_create(std::string_view name) = 0;
  virtual std::optional<Tenant> find(TenantId id) = 0;
  virtual std::optional<Tenant> find_by_external_id(std::string_view external_id) = 0;
  /// All that are not deleted, by name.
  virtual std::vector<Tenant> list() = 0;
  /// Nothing of a suspended tenant is claimed. Throws not_found.
  virtual void set_status(TenantId id, TenantStatus status) = 0;
  /// Soft: its jobs stay, nothing of it is claimed or found. Throws not_found.
  virtual void remove(TenantId id) = 0;
};

}  // namespace freight
