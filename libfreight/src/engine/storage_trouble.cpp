#include "engine/storage_trouble.hpp"

#include <algorithm>
#include <utility>

namespace freight::engine {
namespace {

constexpr std::chrono::milliseconds shortest_hold_off{50};
constexpr std::chrono::milliseconds longest_hold_off{2000};
constexpr int lasting = 3;

}  // namespace

StorageTrouble::TimePoint StorageTrouble::met(Failure failure, TimePoint now) {
  const std::lock_guard lock(mutex_);
  ++attempts_;
  pause_ = failure_ ? std::min(pause_ * 2, longest_hold_off) : shortest_hold_off;
  failure_ = std::move(failure);
  next_attempt_ = now + pause_;
  return next_attempt_;
}

void StorageTrouble::over() {
  const std::lock_guard lock(mutex_);
  failure_.reset();
  attempts_ = 0;
}

std::optional<Failure> StorageTrouble::failure() const {
  const std::lock_guard lock(mutex_);
  return failure_;
}

std::optional<Failure> StorageTrouble::lasting_failure() const {
  const std::lock_guard lock(mutex_);
  return attempts_ >= lasting ? failure_ : std::nullopt;
}

bool StorageTrouble::holds_off(TimePoint now) const {
  const std::lock_guard lock(mutex_);
  return failure_ && now < next_attempt_;
}

StorageTrouble::TimePoint StorageTrouble::next_attempt() const {
  const std::lock_guard lock(mutex_);
  return next_attempt_;
}

}  // namespace freight::engine
