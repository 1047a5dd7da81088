#pragma once

#include <atomic>
#include <chrono>

#include "core/patience.hpp"
#include "migration/run/lease.hpp"

namespace freight::migration {

/// Makes a call to the storage again until the storage is back, or the engine stops.
template <typename Work>
auto outlasting(const std::atomic<bool>& stopping, const Work& work) {
  return core::patiently(std::chrono::hours(24 * 365), work, [&] {
    if (stopping) throw Halted{Halted::Reason::stopping};
  });
}

}  // namespace freight::migration
