#pragma once

#include <chrono>
#include <string>

#include "console.hpp"
#include "core/patience.hpp"
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

/// core::patiently() that says on stderr what it waits for, and ends when the user wants it.
template <typename Work>
auto patiently(std::chrono::milliseconds longest, const Work& work) {
  std::string said;
  return core::patiently(longest, work, give_up_when_interrupted, [&](const Error& error) {
    if (said == error.what()) return;
    said = error.what();
    say("waiting: " + printable(said) + " (" + std::string(to_string(error.code())) + ")");
  });
}

}  // namespace freight::daemon
