#pragma once

#include "freight/tenant_store.hpp"
#include "storage/sql/store_connections.hpp"

namespace freight::storage {

/// The tenants of both backends.
class SqlTenantStore final : public TenantStore {
 public:
  explicit SqlTenantStore(StoreConnections& connections) : connections_(connections) {}

  Tenant create(const NewTenant& tenant) override;
  Tenant find_or_create(std::string_view name) override;
  std::optional<Tenant> find(TenantId id) override;
  std::optional<Tenant> find_by_external_id(std::string_view external_id) override;
  std::vector<Tenant> list() override;
  Tenant update(TenantId id, const TenantChange& change) override;
  void set_status(TenantId id, TenantStatus status) override;
  void remove(TenantId id) override;

  std::optional<std::string> default_retry(TenantId id) override;
  void set_default_retry(TenantId id, const std::string& json) override;

  void record(const AuditEntry& entry) override;
  std::vector<AuditEntry> list_audit(const AuditQuery& query) override;

  CreatedApiKey create_key(const NewApiKey& key) override;
  std::vector<ApiKey> list_keys(std::optional<TenantId> tenant_id) override;
  std::optional<ApiKey> find_key(std::string_view secret) override;
  void revoke_key(ApiKeyId id) override;

 private:
  /// nullopt when a tenant with that name or external id was there first.
  std::optional<Tenant> insert(database::Session& session, const NewTenant& tenant);
  std::vector<Tenant> select(database::Session& session, std::string_view statement,
                             const std::string& value);
  void set_claimable(database::Session& session, TenantId id, bool claimable);

  StoreConnections& connections_;
};

}  // namespace freight::storage
