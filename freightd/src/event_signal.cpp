#include "event_signal.hpp"

namespace freight::daemon {

void EventSignal::event(const Event& event) noexcept {
  {
    const std::lock_guard lock(mutex_);
    const auto found = generations_.find(event.tenant_id);
    // Whoever waits has asked for the generation first; of other tenants nothing is kept.
    if (found == generations_.end()) return;
    ++found->second;
  }
  changed_.notify_all();
}

std::uint64_t EventSignal::generation(TenantId tenant_id) {
  const std::lock_guard lock(mutex_);
  return generations_.try_emplace(tenant_id, 0).first->second;
}

bool EventSignal::wait(TenantId tenant_id, std::uint64_t seen, std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, limit, [&] { return generations_[tenant_id] != seen; });
}

}  // namespace freight::daemon
