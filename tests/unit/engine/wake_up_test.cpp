#include "engine/wake_up.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <latch>
#include <mutex>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace freight::engine {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// A wake-up on two threads whose step notes when it ran.
class WakeUpTest : public testing::Test {
 protected:
  void step() {
    const int inside = ++inside_;
    may_end_.wait();
    const std::lock_guard lock(mutex_);
    overlapped_ |= inside != 1;
    --inside_;
    runs_.push_back(steady_clock::now());
    ran_.notify_all();
  }

  bool wait_for_runs(std::size_t count) {
    std::unique_lock lock(mutex_);
    return ran_.wait_for(lock, std::chrono::seconds(10), [&] { return runs_.size() >= count; });
  }

  std::latch may_end_{1};
  std::mutex mutex_;
  std::condition_variable ran_;
  std::vector<steady_clock::time_point> runs_;
  std::atomic<int> inside_ = 0;
  bool overlapped_ = false;

  std::unique_ptr<Executor> pool_ = make_thread_pool(3);
  TaskGate gate_{null_log_sink()};
  WakeUp wake_up_{gate_, system_clock(), [this] { step(); }};
};

TEST_F(WakeUpTest, RunsTheStepAtOnce) {
  may_end_.count_down();
  gate_.open(*pool_);
  wake_up_.now();
  EXPECT_TRUE(wait_for_runs(1));
  gate_.close();
}

TEST_F(WakeUpTest, RunsOnceMoreAfterACallThatCameMeanwhileAndNeverTwiceAtATime) {
  gate_.open(*pool_);
  for (int call = 0; call < 50; ++call) wake_up_.now();
  may_end_.count_down();
  EXPECT_TRUE(wait_for_runs(2));
  gate_.close();
  EXPECT_FALSE(overlapped_);
  EXPECT_EQ(runs_.size(), 2U);
}

TEST_F(WakeUpTest, RunsAtEachDueTimeAndNotBefore) {
  may_end_.count_down();
  gate_.open(*pool_);
  const auto due = steady_clock::now() + milliseconds(60);
  wake_up_.at(due + milliseconds(100));
  wake_up_.at(due);
  ASSERT_TRUE(wait_for_runs(2));
  gate_.close();
  EXPECT_GE(runs_[0], due);
  EXPECT_GE(runs_[1], due + milliseconds(100));
}

TEST_F(WakeUpTest, PollsAgainAndAgain) {
  may_end_.count_down();
  gate_.open(*pool_);
  wake_up_.poll(milliseconds(5));
  EXPECT_TRUE(wait_for_runs(3));
  gate_.close();
}

TEST_F(WakeUpTest, IsNotLostForEverWhenTheGateWasClosed) {
  may_end_.count_down();
  wake_up_.now();
  gate_.open(*pool_);
  wake_up_.now();
  EXPECT_TRUE(wait_for_runs(1));
  gate_.close();
}

TEST(TaskGate, LetsNothingRunAfterItWasClosed) {
  auto pool = make_thread_pool(2);
  TaskGate gate{null_log_sink()};
  gate.open(*pool);
  std::atomic<bool> began = false;
  std::atomic<bool> closed = false;
  std::atomic<bool> ended = false;
  std::atomic<int> late = 0;
  gate.post([&] {
    began = true;
    std::this_thread::sleep_for(milliseconds(50));
    ended = true;
  });
  gate.post_at(steady_clock::now() + milliseconds(60), [&] { late += closed ? 1 : 0; });
  while (!began) std::this_thread::yield();
  gate.close();
  closed = true;
  EXPECT_TRUE(ended);
  EXPECT_FALSE(gate.post([&] { ++late; }));
  std::this_thread::sleep_for(milliseconds(100));
  pool.reset();
  EXPECT_EQ(late, 0);
}

TEST(TaskGate, KeepsExceptionsFromTheExecutor) {
  class CountingSink final : public LogSink {
   public:
    void log(LogLevel, std::string_view, std::span<const LogField>) noexcept override { ++lines; }
    std::atomic<int> lines = 0;
  } log;
  auto pool = make_thread_pool(1);
  TaskGate gate{log};
  gate.open(*pool);
  gate.post([] { throw std::runtime_error("a defect"); });
  gate.post([] { throw 42; });
  while (log.lines < 2) std::this_thread::yield();
  gate.close();
}

}  // namespace
}  // namespace freight::engine
