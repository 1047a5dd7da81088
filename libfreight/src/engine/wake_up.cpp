#include "engine/wake_up.hpp"

#include <utility>

#include "engine/randomness.hpp"

namespace freight::engine {

WakeUp::WakeUp(TaskGate& gate, const Clock& clock, std::function<void()> step)
    : gate_(gate), clock_(clock), step_(std::move(step)) {}

void WakeUp::now() {
  {
    const std::lock_guard lock(mutex_);
    if (running_) {
      again_ = true;
      return;
    }
    running_ = true;
  }
  post();
}

void WakeUp::post() {
  if (gate_.post([this] { run(); })) return;
  const std::lock_guard lock(mutex_);
  running_ = false;
}

void WakeUp::run() {
  step_();
  {
    const std::lock_guard lock(mutex_);
    running_ = again_;
    again_ = false;
    if (!running_) return;
  }
  post();
}

void WakeUp::after(std::chrono::milliseconds delay) { at(clock_.steady_now() + delay); }

void WakeUp::at(TimePoint due) {
  {
    const std::lock_guard lock(mutex_);
    due_.insert(due);
    if (due >= armed_) return;
    armed_ = due;
  }
  arm(due);
}

void WakeUp::arm(TimePoint due) {
  gate_.post_at(due, [this] { fire(); });
}

void WakeUp::fire() {
  auto next = TimePoint::max();
  {
    const std::lock_guard lock(mutex_);
    due_.erase(due_.begin(), due_.upper_bound(clock_.steady_now()));
    if (!due_.empty()) next = *due_.begin();
    armed_ = next;
  }
  if (next != TimePoint::max()) arm(next);
  now();
}

void WakeUp::poll(std::chrono::milliseconds interval) {
  const double share = 0.75 + 0.5 * random_share();
  const auto delay = std::chrono::duration_cast<std::chrono::steady_clock::duration>(
      std::chrono::duration<double, std::milli>(static_cast<double>(interval.count()) * share));
  gate_.post_at(clock_.steady_now() + delay, [this, interval] {
    now();
    poll(interval);
  });
}

}  // namespace freight::engine
