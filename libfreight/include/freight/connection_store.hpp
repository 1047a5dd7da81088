#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "freight/ids.hpp"
#include "freight/time.hpp"

namespace freight {

/// @addtogroup asking
/// @{

/// Where a tenant's jobs may connect to, under a name. The store keeps the secrets as it is given
/// them: sealing them is its user's matter.
struct StoredConnection {
  std::string name;
  /// Such as `postgresql`.
  std::string type;
  /// What may be shown, as a JSON object.
  std::string settings;
  /// The secrets, sealed; empty when there are none.
  std::string sealed;
  Timestamp created_at;
  Timestamp updated_at;
};

/// The tenants' named credentials. Thread-safe. Errors as with TenantStore; every call is one
/// transaction. Another tenant's connection is not found.
class ConnectionStore {
 public:
  virtual ~ConnectionStore() = default;

  /// Makes or replaces the connection of that name; true when it was made. Its times are set by the
  /// store.
  virtual bool put(TenantId tenant_id, const StoredConnection& connection) = 0;
  /// nullopt when the tenant has none of that name.
  virtual std::optional<StoredConnection> find(TenantId tenant_id, std::string_view name) = 0;
  /// By name, those whose name comes after `after`.
  virtual std::vector<StoredConnection> list(TenantId tenant_id, std::string_view after,
                                             std::uint32_t limit) = 0;
  /// False when there was none.
  virtual bool remove(TenantId tenant_id, std::string_view name) = 0;
};

/// @}

}  // namespace freight
