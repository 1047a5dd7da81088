#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace freight::engine {

/// Wakes those who wait for a job of this engine to end. Thread-safe.
class JobEvents {
 public:
  /// How many jobs this engine has ended; take it before looking at the job.
  std::uint64_t count() const {
    const std::lock_guard lock(mutex_);
    return count_;
  }

  void job_ended() {
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
