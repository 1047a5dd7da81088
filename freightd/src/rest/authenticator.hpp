#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "freight/tenant_store.hpp"

namespace freight::daemon::rest {

/// A key that is good, and its tenant.
struct KnownKey {
  ApiKey key;
  std::optional<Tenant> tenant;
};

/// Looks keys up, and remembers what it found for half a second: so long at the most a key goes on
/// to work that was revoked, a tenant that was suspended, and a limit that was changed, on every
/// node; and a key that is used costs two look-ups a second, however often it is. Thread-safe.
class Authenticator {
 public:
  explicit Authenticator(TenantStore& tenants) : tenants_(tenants) {}

  /// nullopt when the key is not known, has expired or was revoked.
  std::optional<KnownKey> find(std::string_view secret);
  /// The tenant for which an installation's key acts.
  std::optional<Tenant> find_tenant(TenantId id);
  /// Something was changed here: ask the storage again.
  void forget();

 private:
  using Clock = std::chrono::steady_clock;
  template <typename Value>
  struct Remembered {
    std::optional<Value> value;
    Clock::time_point until;
  };

  TenantStore& tenants_;
  std::mutex mutex_;
  std::uint64_t generation_ = 0;
  /// By the SHA-256 of the secret.
  std::unordered_map<std::string, Remembered<KnownKey>> keys_;
  std::unordered_map<TenantId, Remembered<Tenant>> acted_for_;
};

}  // namespace freight::daemon::rest
