#include <algorithm>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include "freight/executor.hpp"

namespace freight {
namespace {

using TimePoint = std::chrono::steady_clock::time_point;

/// Idle threads wait without end but for one, which watches the earliest timer: a due time wakes
/// one thread and not all of them. Whoever takes a task wakes another thread when there is more to
/// do or nobody watches the timers any more.
class ThreadPool final : public Executor {
 public:
  explicit ThreadPool(unsigned threads) {
    threads_.reserve(std::max(threads, 1U));
    for (unsigned index = 0; index < std::max(threads, 1U); ++index) {
      threads_.emplace_back([this] { work(); });
    }
  }

  ~ThreadPool() override {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    for (auto& thread : threads_) thread.join();
  }

  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  void post(Task task) override {
    {
      const std::lock_guard lock(mutex_);
      ready_.push_back(std::move(task));
    }
    changed_.notify_one();
  }

  void post_at(TimePoint due, Task task) override {
    {
      const std::lock_guard lock(mutex_);
      timers_.push_back({due, next_timer_++, std::move(task)});
      std::push_heap(timers_.begin(), timers_.end(), Later{});
      if (!timer_unwatched()) return;
    }
    changed_.notify_one();
  }

 private:
  struct Timer {
    TimePoint due;
    std::uint64_t number;
    Task task;
  };
  struct Later {
    bool operator()(const Timer& left, const Timer& right) const {
      return std::tie(left.due, left.number) > std::tie(right.due, right.number);
    }
  };

  void work() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
      make_due_timers_ready();
      if (ready_.empty()) {
        wait(lock);
        continue;
      }
      Task task = std::move(ready_.front());
      ready_.pop_front();
      const bool others_needed = !ready_.empty() || timer_unwatched();
      lock.unlock();
      if (others_needed) changed_.notify_one();
      run(task);
      task = nullptr;  // What it holds is let go outside the lock.
      lock.lock();
    }
  }

  /// A task that throws breaks the contract; there is nobody to tell.
  static void run(const Task& task) noexcept { task(); }

  void wait(std::unique_lock<std::mutex>& lock) {
    if (!timer_unwatched()) {
      changed_.wait(lock);
      return;
    }
    const TimePoint due = timers_.front().due;
    watched_ = due;
    changed_.wait_until(lock, due);
    // Somebody else may watch an earlier one by now.
    if (watched_ == due) watched_ = TimePoint::max();
  }

  bool timer_unwatched() const { return !timers_.empty() && timers_.front().due < watched_; }

  void make_due_timers_ready() {
    if (timers_.empty()) return;
    const TimePoint now = std::chrono::steady_clock::now();
    while (!timers_.empty() && timers_.front().due <= now) {
      std::pop_heap(timers_.begin(), timers_.end(), Later{});
      ready_.push_back(std::move(timers_.back().task));
      timers_.pop_back();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Task> ready_;
  std::vector<Timer> timers_;  // a heap, the earliest in front
  std::uint64_t next_timer_ = 0;
  /// The due time for which a thread waits; max when none does.
  TimePoint watched_ = TimePoint::max();
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace

std::unique_ptr<Executor> make_thread_pool(unsigned threads) {
  return std::make_unique<ThreadPool>(threads);
}

}  // namespace freight
