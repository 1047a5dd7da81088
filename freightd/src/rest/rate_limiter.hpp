#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <unordered_map>

#include "freight/ids.hpp"

namespace freight::daemon::rest {

/// A token bucket for each tenant, of this node: it holds one second's worth of requests. Tenants
/// without a limit have none. Thread-safe.
class RateLimiter {
 public:
  struct Ticket {
    bool granted = true;
    std::uint64_t remaining = 0;
    /// Until the next request is granted, at least one.
    std::chrono::seconds retry_after{0};
  };
  Ticket take(TenantId tenant_id, std::uint64_t requests_per_second);

 private:
  using Clock = std::chrono::steady_clock;
  struct Bucket {
    double tokens = 0;
    Clock::time_point filled_at;
  };
  std::mutex mutex_;
  std::unordered_map<TenantId, Bucket> buckets_;
};

}  // namespace freight::daemon::rest
