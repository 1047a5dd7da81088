#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace freight::engine {

/// Wakes those who wait until something is another way: a job of this engine has ended or is
/// paused, a migration was steered. They look for themselves what it is. Thread-safe.
class ChangeSignal {
 public:
  /// How many changes there were; take it before looking.
  std::uint64_t count() const {
    const std::lock_guard lock(mutex_);
    return count_;
  }

  void note() {
    {
      const std::lock_guard lock(mutex_);
      ++count_;
    }
    changed_.notify_all();
  }

  /// Until the count is another than `seen`, or `timeout` has passed.
  void wait_for_change(std::uint64_t seen, std::chrono::milliseconds timeout) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, timeout, [&] { return count_ != seen; });
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t count_ = 0;
};

}  // namespace freight::engine
