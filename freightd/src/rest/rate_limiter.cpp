#include "rest/rate_limiter.hpp"

#include <algorithm>

namespace freight::daemon::rest {

RateLimiter::Ticket RateLimiter::take(TenantId tenant_id, std::uint64_t requests_per_second) {
  const auto now = Clock::now();
  const auto rate = static_cast<double>(std::max<std::uint64_t>(requests_per_second, 1));
  const std::lock_guard lock(mutex_);
  const auto [at, is_new] = buckets_.try_emplace(tenant_id, Bucket{rate, now});
  Bucket& bucket = at->second;
  const double elapsed = std::chrono::duration<double>(now - bucket.filled_at).count();
  bucket.tokens = std::min(rate, bucket.tokens + elapsed * rate);
  bucket.filled_at = now;
  if (bucket.tokens < 1)
    return {.granted = false, .remaining = 0, .retry_after = std::chrono::seconds(1)};
  bucket.tokens -= 1;
  return {.granted = true, .remaining = static_cast<std::uint64_t>(bucket.tokens)};
}

}  // namespace freight::daemon::rest
