#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <set>

#include "engine/task_gate.hpp"
#include "freight/time.hpp"

namespace freight::engine {

/// Says when the service step runs: at once, at a time, and again and again. The step never runs
/// twice at a time and always once more after a call that came while it ran. Thread-safe.
class WakeUp {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  WakeUp(TaskGate& gate, const Clock& clock, std::function<void()> step);

  /// Nothing happens while the gate is closed; the poll makes up for it.
  void now();
  /// At `due` or within a millisecond of it. Many may be asked for; one timer at a time is armed.
  void at(TimePoint due);
  void after(std::chrono::milliseconds delay);
  /// From now on, every `interval` with a quarter of jitter, so that nodes do not poll in step.
  void poll(std::chrono::milliseconds interval);

 private:
  void post();
  void run();
  void arm(TimePoint due);
  void fire();

  TaskGate& gate_;
  const Clock& clock_;
  std::function<void()> step_;

  std::mutex mutex_;
  bool running_ = false;
  bool again_ = false;
  std::multiset<TimePoint> due_;
  /// When the earliest armed timer fires; max() when none is armed.
  TimePoint armed_ = TimePoint::max();
};

}  // namespace freight::engine
