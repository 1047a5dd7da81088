#pragma once

#include "freight/connection_store.hpp"
#include "storage/sql/store_connections.hpp"

namespace freight::storage {

/// The tenants' connections, of both backends.
class SqlConnectionStore final : public ConnectionStore {
 public:
  explicit SqlConnectionStore(StoreConnections& connections) : connections_(connections) {}

  bool put(TenantId tenant_id, const StoredConnection& connection) override;
  std::optional<StoredConnection> find(TenantId tenant_id, std::string_view name) override;
  std::vector<StoredConnection> list(TenantId tenant_id, std::string_view after,
                                     std::uint32_t limit) override;
  bool remove(TenantId tenant_id, std::string_view name) override;

 private:
  StoreConnections& connections_;
};

}  // namespace freight::storage
