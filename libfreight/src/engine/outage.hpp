#pragma once

#include <chrono>
#include <mutex>

namespace freight::engine {

/// What this node knows of an outage of one job's source or destination: while it lasts one task at
/// a time tries, with growing pauses, and the others wait. Thread-safe.
class Outage {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// Zero: go ahead (and let the others wait for what comes of it). Else how long to wait.
  std::chrono::milliseconds ask(TimePoint now);
  /// An attempt met the outage; the pause before the next one. Attempts that were under way at the
  /// same time make it no longer. With `at_once` there is no pause the first time.
  std::chrono::milliseconds met(TimePoint now, bool at_once = false);
  void over();
  /// An attempt ended without having learnt anything.
  void left_open();

 private:
  std::mutex mutex_;
  /// Zero when there is no outage.
  std::chrono::milliseconds pause_{0};
  TimePoint next_attempt_;
  bool trying_ = false;
};

}  // namespace freight::engine
