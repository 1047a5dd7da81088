#include "rest/authenticator.hpp"

#include "digest.hpp"
#include "freight/time.hpp"

namespace freight::daemon::rest {
namespace {

constexpr std::chrono::milliseconds memory{500};
/// Guesses are remembered too, but they may not fill the memory.
constexpr std::size_t most_remembered = 10'000;
constexpr std::size_t longest_secret = 200;

}  // namespace

std::optional<KnownKey> Authenticator::find(std::string_view secret) {
  if (!secret.starts_with("frt_") || secret.size() > longest_secret) return std::nullopt;
  const std::string digest = sha256(secret);
  const auto now = Clock::now();
  std::uint64_t generation = 0;
  {
    const std::lock_guard lock(mutex_);
    const auto found = keys_.find(digest);
    if (found != keys_.end() && found->second.until > now) {
      const auto& known = found->second.value;
      const bool expired =
          known && known->key.expires_at && *known->key.expires_at <= system_clock().now();
      return expired ? std::nullopt : known;
    }
    generation = generation_;
  }
  std::optional<KnownKey> known;
  if (auto key = tenants_.find_key(secret)) {
    known = KnownKey{.key = std::move(*key), .tenant = std::nullopt};
    if (known->key.tenant_id) known->tenant = tenants_.find(*known->key.tenant_id);
    if (known->key.tenant_id && !known->tenant) known.reset();
  }
  const std::lock_guard lock(mutex_);
  // What was looked up before a change must not be remembered behind it.
  if (generation != generation_) return known;
  if (keys_.size() >= most_remembered) keys_.clear();
  keys_[digest] = {known, now + memory};
  return known;
}

std::optional<Tenant> Authenticator::find_tenant(TenantId id) {
  const auto now = Clock::now();
  {
    const std::lock_guard lock(mutex_);
    const auto found = acted_for_.find(id);
    if (found != acted_for_.end() && found->second.until > now) return found->second.value;
  }
  auto tenant = tenants_.find(id);
  const std::lock_guard lock(mutex_);
  if (acted_for_.size() >= most_remembered) acted_for_.clear();
  acted_for_[id] = {tenant, now + memory};
  return tenant;
}

void Authenticator::forget() {
  const std::lock_guard lock(mutex_);
  ++generation_;
  keys_.clear();
  acted_for_.clear();
}

}  // namespace freight::daemon::rest
