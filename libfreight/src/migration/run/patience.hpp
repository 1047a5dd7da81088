#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>

#include "freight/error.hpp"
#include "migration/run/lease.hpp"

namespace freight::migration {

inline constexpr std::chrono::milliseconds shortest_wait{100};
inline constexpr std::chrono::milliseconds longest_wait{5000};

/// Sleeps, calling `check` meanwhile, which throws to give up.
template <typename Check>
void wait_patiently(std::chrono::milliseconds wait, const Check& check) {
  const auto end = std::chrono::steady_clock::now() + wait;
  while (std::chrono::steady_clock::now() < end) {
    check();
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

/// Calls `work` again while it throws an Error that may pass, for up to `longest`. `work` must be
/// one that may be called again.
template <typename Work, typename Check>
auto patiently(std::chrono::milliseconds longest, const Work& work, const Check& check) {
  const auto begin = std::chrono::steady_clock::now();
  auto wait = shortest_wait;
  while (true) {
    try {
      return work();
    } catch (const Error& error) {
      const bool may_pass =
          error.category() == Category::transient || error.category() == Category::throttled;
      if (!may_pass || std::chrono::steady_clock::now() + wait - begin >= longest) throw;
    }
    wait_patiently(wait, check);
    wait = std::min(wait * 2, longest_wait);
  }
}

/// The same for calls to the storage: until it is back, or the engine stops.
template <typename Work>
auto outlasting(const std::atomic<bool>& stopping, const Work& work) {
  return patiently(std::chrono::hours(24 * 365), work, [&] {
    if (stopping) throw Halted{Halted::Reason::stopping};
  });
}

}  // namespace freight::migration
