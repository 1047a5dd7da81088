#include <atomic>
#include <barrier>
#include <future>
#include <latch>
#include <mutex>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "freight/executor.hpp"

namespace freight {
namespace {

using namespace std::chrono_literals;
using SteadyClock = std::chrono::steady_clock;

TEST(ThreadPool, RunsEveryPostedTaskOnce) {
  constexpr int count = 20'000;
  std::atomic<int> runs = 0;
  std::latch done(count);
  const auto pool = make_thread_pool(4);
  std::vector<std::jthread> posters;
  for (int poster = 0; poster < 4; ++poster) {
    posters.emplace_back([&] {
      for (int task = 0; task < count / 4; ++task) {
        pool->post([&] {
          ++runs;
          done.count_down();
        });
      }
    });
  }
  done.wait();
  EXPECT_EQ(runs, count);
}

TEST(ThreadPool, RunsAsManyTasksAtATimeAsItHasThreads) {
  std::barrier meet(4);
  std::latch done(3);
  const auto pool = make_thread_pool(3);
  for (int task = 0; task < 3; ++task) {
    pool->post([&] {
      meet.arrive_and_wait();  // Passes only when all three run at the same time.
      done.count_down();
    });
  }
  meet.arrive_and_wait();
  done.wait();
}

TEST(ThreadPool, NeverRunsATaskInsideTheCall) {
  const auto pool = make_thread_pool(1);
  std::promise<std::thread::id> ran;
  pool->post([&] { ran.set_value(std::this_thread::get_id()); });
  EXPECT_NE(ran.get_future().get(), std::this_thread::get_id());
}

TEST(ThreadPool, RunsTimersNotBeforeTheyAreDueAndInTheirOrder) {
  const auto pool = make_thread_pool(1);
  const auto start = SteadyClock::now();
  std::mutex mutex;
  std::vector<int> order;
  std::latch done(4);
  const auto at = [&](std::chrono::milliseconds wait, int name) {
    pool->post_at(start + wait, [&, wait, name] {
      EXPECT_GE(SteadyClock::now(), start + wait);
      const std::lock_guard lock(mutex);
      order.push_back(name);
      done.count_down();
    });
  };
  at(60ms, 3);
  at(20ms, 1);
  at(20ms, 2);
  at(-10ms, 0);
  done.wait();
  EXPECT_EQ(order, (std::vector{0, 1, 2, 3}));
}

TEST(ThreadPool, WatchesTheTimersWhileTheWatcherWorks) {
  // The thread that watched the timer takes a long task; another must run the timer.
  const auto pool = make_thread_pool(2);
  std::latch timer_ran(1);
  std::latch released(2);
  pool->post_at(SteadyClock::now() + 50ms, [&] { timer_ran.count_down(); });
  std::this_thread::sleep_for(10ms);
  pool->post([&] {
    timer_ran.wait();
    released.count_down();
  });
  pool->post_at(SteadyClock::now() + 20ms, [&] { released.count_down(); });
  released.wait();
}

TEST(ThreadPool, HandlesManyTimersFromManyThreads) {
  constexpr int count = 2000;
  std::latch done(count);
  const auto pool = make_thread_pool(4);
  std::vector<std::jthread> posters;
  for (int poster = 0; poster < 4; ++poster) {
    posters.emplace_back([&, poster] {
      for (int task = 0; task < count / 4; ++task) {
        pool->post_at(
            SteadyClock::now() + std::chrono::microseconds((task * 7 + poster * 13) % 5000),
            [&] { done.count_down(); });
      }
    });
  }
  done.wait();
}

TEST(ThreadPool, LetsRunningTasksEndAndDropsTheRest) {
  std::atomic<bool> ended = false;
  std::atomic<bool> dropped_ran = false;
  const auto held = std::make_shared<int>(7);
  {
    std::latch started(1);
    const auto pool = make_thread_pool(1);
    pool->post([&] {
      started.count_down();
      std::this_thread::sleep_for(50ms);
      ended = true;
    });
    pool->post_at(SteadyClock::now() + 1h, [&dropped_ran, held] { dropped_ran = true; });
    started.wait();
  }
  EXPECT_TRUE(ended);
  EXPECT_FALSE(dropped_ran);
  EXPECT_EQ(held.use_count(), 1);
}

TEST(ThreadPool, HasAtLeastOneThread) {
  std::latch done(1);
  const auto pool = make_thread_pool(0);
  pool->post([&] { done.count_down(); });
  done.wait();
}

TEST(ThreadPool, LetsATaskPostTheNext) {
  const auto pool = make_thread_pool(2);
  std::latch done(1);
  std::function<void(int)> step = [&](int left) {
    if (left == 0) return done.count_down();
    const auto next = [&step, left] { step(left - 1); };
    if (left % 2 == 0) {
      pool->post(next);
    } else {
      pool->post_at(SteadyClock::now(), next);
    }
  };
  pool->post([&] { step(1000); });
  done.wait();
}

}  // namespace
}  // namespace freight
