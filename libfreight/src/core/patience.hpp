#pragma once

#include <algorithm>
#include <chrono>
#include <thread>

#include "freight/error.hpp"

namespace freight::core {

inline constexpr std::chrono::milliseconds first_wait{200};
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

/// Calls `work` again while it throws an Error that may pass, for up to `longest`: an outage is no
/// failure. `work` must be one that may be called again. `waits` is told each such Error.
template <typename Work, typename Check, typename Waits>
auto patiently(std::chrono::milliseconds longest, const Work& work, const Check& check,
               const Waits& waits) {
  const auto begin = std::chrono::steady_clock::now();
  auto wait = first_wait;
  while (true) {
    try {
      return work();
    } catch (const Error& error) {
      const bool may_pass =
          error.category() == Category::transient || error.category() == Category::throttled;
      if (!may_pass || std::chrono::steady_clock::now() + wait - begin >= longest) throw;
      waits(error);
    }
    wait_patiently(wait, check);
    wait = std::min(wait * 2, longest_wait);
  }
}

template <typename Work, typename Check>
auto patiently(std::chrono::milliseconds longest, const Work& work, const Check& check) {
  return patiently(longest, work, check, [](const Error&) {});
}

}  // namespace freight::core
