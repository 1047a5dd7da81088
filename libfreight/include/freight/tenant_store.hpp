#pragma once

#include <chrono>
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

/// Whether a tenant's work is claimed.
enum class TenantStatus { active, suspended };

/// The status' name, as storage and REST have it.
std::string_view to_string(TenantStatus status);

/// What a tenant may use at the most; what is not set is not limited. Claims look at running jobs,
/// running batches and records a second: what is beyond them waits. The others are for whoever
/// takes the tenant's requests.
struct TenantLimits {
  std::optional<std::uint64_t> max_running_jobs = {};
  std::optional<std::uint64_t> max_queued_jobs = {};
  std::optional<std::uint64_t> max_running_batches = {};
  std::optional<std::uint64_t> records_per_day = {};
  std::optional<std::uint64_t> records_per_second = {};
  std::optional<std::uint64_t> requests_per_second = {};
  /// How large all its uploads together may be.
  std::optional<std::uint64_t> upload_bytes = {};

  /// Equal when every limit is.
  friend bool operator==(const TenantLimits&, const TenantLimits&) = default;
};

/// One tenant as storage has it; a snapshot.
struct Tenant {
  TenantId id;
  std::string name;
  /// The embedding program's own id of it; unique where set.
  std::optional<std::string> external_id;
  TenantStatus status = TenantStatus::active;
  /// Its share of the workers against the others'; at least 1.
  std::uint32_t weight = 1;
  TenantLimits limits;
  Timestamp created_at;
};

/// What a tenant is made of.
struct NewTenant {
  /// 1 to 200 bytes; unique among the tenants that are not deleted.
  std::string name = {};
  std::optional<std::string> external_id = {};
  std::uint32_t weight = 1;
  TenantLimits limits = {};
};

/// What is to change of a tenant; what is not set stays.
struct TenantChange {
  std::optional<std::string> name = {};
  std::optional<TenantStatus> status = {};
  std::optional<std::uint32_t> weight = {};
  std::optional<TenantLimits> limits = {};
};

/// Who changed what, for people who have to know it later. Never holds a secret.
struct AuditEntry {
  /// Set by the storage; increases.
  std::uint64_t sequence = 0;
  /// Set by the storage.
  Timestamp time = {};
  /// Whose things were changed; nullopt: the installation's.
  std::optional<TenantId> tenant_id = {};
  /// The key with which it was done, by its prefix, or `command line`.
  std::string actor = {};
  /// The operation's name, such as `createKey`.
  std::string action = {};
  /// The id or name of what was changed.
  std::string subject = {};
  std::string request_id = {};
};

/// One page of the audit log, the newest entry first.
struct AuditQuery {
  std::optional<TenantId> tenant_id = {};
  /// Those with a lower sequence; nullopt: from the newest on.
  std::optional<std::uint64_t> before = {};
  std::uint32_t limit = 100;
};

/// What a key is good for. `write` includes `manage` unless a key's scopes say otherwise.
enum class Scope : std::uint8_t { read, write, manage };

/// The scope's name, as the command line and REST have it.
std::string_view to_string(Scope scope);
/// The scope of that name; nullopt when there is none.
std::optional<Scope> parse_scope(std::string_view name);

/// A key as it is kept: without the secret, of which only a SHA-256 is stored.
struct ApiKey {
  ApiKeyId id;
  /// nullopt: the installation's own key, which administers tenants and acts for each of them.
  std::optional<TenantId> tenant_id;
  /// The first letters of the secret, for people to tell keys apart.
  std::string prefix;
  /// Ascending; empty for an installation's key.
  std::vector<Scope> scopes;
  Timestamp created_at;
  std::optional<Timestamp> expires_at;
};

/// What an API key is made of.
struct NewApiKey {
  /// nullopt: the installation's own key, for which scopes are of no matter.
  std::optional<TenantId> tenant_id = {};
  std::vector<Scope> scopes{Scope::read, Scope::write, Scope::manage};
  /// From now on; nullopt: until it is revoked.
  std::optional<std::chrono::seconds> expires_in = {};
};

/// A new API key with its secret.
struct CreatedApiKey {
  ApiKey key;
  /// `frt_` and 40 letters and digits. Shown this once.
  std::string secret;
};

/// Tenants and their keys. Thread-safe. Errors: Error(storage_unavailable | storage_busy |
/// storage_failed …). Every call is one transaction and is committed when it returns.
class TenantStore {
 public:
  virtual ~TenantStore() = default;

  /// Throws invalid_value when the name or the external id is taken or out of bounds.
  virtual Tenant create(const NewTenant& tenant) = 0;
  /// The tenant of that name, made when missing; safe to race.
  virtual Tenant find_or_create(std::string_view name) = 0;
  /// nullopt for a tenant that is unknown or deleted.
  virtual std::optional<Tenant> find(TenantId id) = 0;
  /// The tenant that the embedding program knows by that id; nullopt when it is unknown or deleted.
  virtual std::optional<Tenant> find_by_external_id(std::string_view external_id) = 0;
  /// All that are not deleted, by name.
  virtual std::vector<Tenant> list() = 0;
  /// The tenant after the change. Throws not_found, and invalid_value as create() does.
  virtual Tenant update(TenantId id, const TenantChange& change) = 0;
  /// Nothing of a suspended tenant is claimed. Throws not_found.
  virtual void set_status(TenantId id, TenantStatus status) = 0;
  /// Soft: its jobs stay, nothing of it is claimed or found. Throws not_found.
  virtual void remove(TenantId id) = 0;

  /// The section `retry` that the tenant's specs take when they have none, as JSON; nullopt: there
  /// is no default but Freight's own.
  virtual std::optional<std::string> default_retry(TenantId id) = 0;
  /// Throws not_found.
  virtual void set_default_retry(TenantId id, const std::string& json) = 0;

  /// Adds an entry to the audit log, which nothing changes and nothing deletes.
  virtual void record(const AuditEntry& entry) = 0;
  /// See AuditQuery.
  virtual std::vector<AuditEntry> list_audit(const AuditQuery& query) = 0;

  /// Throws not_found for a tenant that is unknown or deleted, and invalid_value for a key without
  /// scopes or an expiry that is not in the future.
  virtual CreatedApiKey create_key(const NewApiKey& key) = 0;
  /// Those that are not revoked, the oldest first; of the installation without a tenant.
  virtual std::vector<ApiKey> list_keys(std::optional<TenantId> tenant_id) = 0;
  /// The key whose secret it is; nullopt when there is none, or it was revoked or has expired, or
  /// its tenant is deleted. One look-up in an index.
  virtual std::optional<ApiKey> find_key(std::string_view secret) = 0;
  /// Throws not_found.
  virtual void revoke_key(ApiKeyId id) = 0;
};

/// @}

}  // namespace freight
