#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <unordered_map>

#include "freight/events.hpp"
#include "freight/ids.hpp"

namespace freight::daemon {

/// Wakes those who stream a tenant's events when this process writes some. What other nodes write
/// is found by looking again from time to time. Thread-safe.
class EventSignal final : public EventSink {
 public:
  void event(const Event& event) noexcept override;

  std::uint64_t generation(TenantId tenant_id);
  /// Returns when the generation is another than `seen`, or after `limit`; true in the first case.
  bool wait(TenantId tenant_id, std::uint64_t seen, std::chrono::milliseconds limit);

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::unordered_map<TenantId, std::uint64_t> generations_;
};

}  // namespace freight::daemon
