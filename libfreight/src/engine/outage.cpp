#include "engine/outage.hpp"

#include <algorithm>

namespace freight::engine {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds first_pause{200};
constexpr milliseconds longest_pause{5000};

milliseconds until(Outage::TimePoint due, Outage::TimePoint now) {
  return std::chrono::ceil<milliseconds>(std::max(due - now, Outage::TimePoint::duration::zero()));
}

}  // namespace

milliseconds Outage::ask(TimePoint now) {
  const std::lock_guard lock(mutex_);
  if (pause_ == milliseconds::zero()) return milliseconds::zero();
  if (now < next_attempt_) return until(next_attempt_, now);
  if (trying_) return pause_;
  trying_ = true;
  return milliseconds::zero();
}

milliseconds Outage::met(TimePoint now, bool at_once) {
  const std::lock_guard lock(mutex_);
  trying_ = false;
  if (pause_ == milliseconds::zero() && at_once) {
    pause_ = first_pause;
    next_attempt_ = now;
    return milliseconds::zero();
  }
  if (pause_ != milliseconds::zero() && now < next_attempt_) return until(next_attempt_, now);
  pause_ = pause_ == milliseconds::zero() ? first_pause : std::min(pause_ * 2, longest_pause);
  next_attempt_ = now + pause_;
  return pause_;
}

void Outage::left_open() {
  const std::lock_guard lock(mutex_);
  trying_ = false;
}

void Outage::over() {
  const std::lock_guard lock(mutex_);
  pause_ = milliseconds::zero();
  trying_ = false;
}

}  // namespace freight::engine
