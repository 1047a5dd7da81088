#include "engine/dispatcher.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>

#include <gtest/gtest.h>

namespace freight::engine {
namespace {

using namespace std::chrono_literals;

std::shared_ptr<LeasedTask> batch() {
  Task task;
  task.kind = TaskKind::execute;
  task.job_id = JobId::generate();
  task.token = LeaseToken::generate();
  return std::make_shared<LeasedTask>(std::move(task), Deadline::TimePoint::max());
}

/// Stands still, but when it is told to move.
class HeldClock final : public Clock {
 public:
  Timestamp now() const override { return {}; }
  std::chrono::steady_clock::time_point steady_now() const override {
    return std::chrono::steady_clock::time_point(elapsed_.load());
  }
  void advance(std::chrono::milliseconds by) { elapsed_ = elapsed_.load() + by; }

 private:
  std::atomic<std::chrono::steady_clock::duration> elapsed_{std::chrono::hours(1)};
};

/// Two workers and one slot for other tasks.
class DispatcherTest : public ::testing::Test {
 protected:
  DispatcherTest() { gate_.open(*executor_); }
  ~DispatcherTest() override {
    release();
    gate_.close();
  }

  void run_batches(int count) {
    for (int number = 0; number < count; ++number) dispatcher_.add(batch());
    std::unique_lock lock(mutex_);
    done_.wait(lock, [&] { return finished_ >= count; });
    finished_ = 0;
    lock.unlock();
    // Until the dispatcher knows of it, too.
    gate_.close();
    gate_.open(*executor_);
  }

  /// From now on tasks do not end until release().
  void hold() {
    const std::lock_guard lock(mutex_);
    held_ = true;
  }
  void release() {
    const std::lock_guard lock(mutex_);
    held_ = false;
    done_.notify_all();
  }

  HeldClock clock_;
  std::mutex mutex_;
  std::condition_variable done_;
  int finished_ = 0;
  bool held_ = false;

  std::unique_ptr<Executor> executor_ = make_thread_pool(3);
  TaskGate gate_{null_log_sink()};
  JobRuntimes runtimes_;
  Dispatcher dispatcher_{gate_, runtimes_, clock_, 2, [this](const auto&) {
                           std::unique_lock lock(mutex_);
                           done_.wait(lock, [this] { return !held_; });
                           ++finished_;
                           done_.notify_all();
                         }};
};

TEST_F(DispatcherTest, AsksForTwiceTheWorkersWhileNothingIsKnown) {
  EXPECT_EQ(dispatcher_.room().execute, 4U);
  EXPECT_EQ(dispatcher_.room().other, 1U);
}

TEST_F(DispatcherTest, AsksForMoreOfWhatIsOverQuickly) {
  run_batches(200);
  EXPECT_GT(dispatcher_.room().execute, 50U);
  EXPECT_EQ(dispatcher_.room().other, 1U) << "of other tasks nothing is known yet";
}

TEST_F(DispatcherTest, GivesUpWhatWaitsBehindTasksThatAreNotQuick) {
  run_batches(200);
  hold();
  for (int number = 0; number < 20; ++number) dispatcher_.add(batch());
  EXPECT_TRUE(dispatcher_.withdraw_stuck().empty()) << "they may be over in a moment";
  clock_.advance(51ms);
  EXPECT_EQ(dispatcher_.room().execute, 0U);
  EXPECT_EQ(dispatcher_.withdraw_stuck().size(), 16U) << "two run and two stay at hand";
  EXPECT_TRUE(dispatcher_.withdraw_stuck().empty());
  release();
}

}  // namespace
}  // namespace freight::engine
