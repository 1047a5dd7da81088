#pragma once

#include <chrono>
#include <mutex>
#include <optional>

#include "freight/error.hpp"

namespace freight::engine {

/// What is the matter with the storage, and when to try again: pauses that grow, so that a storage
/// that is away is neither given up nor besieged. Thread-safe.
class StorageTrouble {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// When the next attempt is due.
  TimePoint met(Failure failure, TimePoint now);
  void over();

  /// nullopt when there is none.
  std::optional<Failure> failure() const;
  /// The failure when several attempts in a row have met one: more than a hiccup.
  std::optional<Failure> lasting_failure() const;
  /// True when it is not time for the next attempt yet.
  bool holds_off(TimePoint now) const;
  TimePoint next_attempt() const;

 private:
  mutable std::mutex mutex_;
  std::optional<Failure> failure_;
  int attempts_ = 0;
  std::chrono::milliseconds pause_{0};
  TimePoint next_attempt_;
};

}  // namespace freight::engine
