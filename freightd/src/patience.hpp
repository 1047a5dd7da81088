#pragma once

#include <algorithm>
#include <chrono>
#include <string>
#include <thread>

#include "console.hpp"
#include "freight/error.hpp"
#include "interruption.hpp"
#include "terminal_text.hpp"

namespace freight::daemon {

/// The user wants an end while nothing was at work yet.
struct Interrupted {};

/// For whoever waits for another: throws Interrupted once the user wants an end.
inline void give_up_when_interrupted() {
  if (interrupted()) throw Interrupted{};
}

/// Sleeps; throws Interrupted as soon as the user wants an end.
inline void wait_for_next_attempt(std::chrono::milliseconds wait) {
  const auto end = std::chrono::steady_clock::now() + wait;
  while (std::chrono::steady_clock::now() < end) {
    give_up_when_interrupted();
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
  }
}

/// Calls `work` again while it throws a transient or throttled Error, for up to `longest`: an
/// outage is no failure. Says on stderr what it waits for. `work` must be one that may be called
/// again.
template <typename Work>
auto patiently(std::chrono::milliseconds longest, const Work& work) {
  using namespace std::chrono_literals;
  const auto begin = std::chrono::steady_clock::now();
  std::chrono::milliseconds wait = 200ms;
  std::string said;
  while (true) {
    try {
      return work();
    } catch (const Error& error) {
      const bool give_up = std::chrono::steady_clock::now() + wait - begin >= longest;
      const bool may_pass =
          error.category() == Category::transient || error.category() == Category::throttled;
      if (!may_pass || give_up) throw;
      if (said != error.what()) {
        said = error.what();
        say("waiting: " + printable(said) + " (" + std::string(to_string(error.code())) + ")");
      }
    }
    wait_for_next_attempt(wait);
    wait = std::min<std::chrono::milliseconds>(wait * 2, 5s);
  }
}

}  // namespace freight::daemon
