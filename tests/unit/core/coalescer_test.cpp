#include "core/coalescer.hpp"

#include <atomic>
#include <future>
#include <map>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace freight {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

using Numbers = Coalescer<int, int>;

/// Doubles every number but those that are negative; the first round waits to be let go.
class Doubler {
 public:
  Numbers::Ask ask() {
    return [this](const std::vector<int>& keys) {
      {
        const std::lock_guard lock(mutex_);
        rounds_.push_back(keys);
        if (rounds_.size() == 1) entered_.set_value();
      }
      opened_.wait();
      if (keys.front() == thrown) throw std::runtime_error("no answer");
      std::map<int, int> values;
      for (const int key : keys) {
        if (key >= 0) values.emplace(key, 2 * key);
      }
      return values;
    };
  }
  void await_first() { entered_.get_future().wait(); }
  void let_go() { gate_.set_value(); }
  std::vector<std::vector<int>> rounds() {
    const std::lock_guard lock(mutex_);
    return rounds_;
  }

  static constexpr int thrown = 13;

 private:
  std::mutex mutex_;
  std::promise<void> entered_;
  std::promise<void> gate_;
  std::shared_future<void> opened_ = gate_.get_future().share();
  std::vector<std::vector<int>> rounds_;
};

void await_waiting(Numbers& numbers, std::size_t count) {
  while (numbers.waiting() < count) std::this_thread::yield();
}

TEST(CoalescerTest, OneThatIsAloneAsksForItself) {
  Doubler doubler;
  doubler.let_go();
  Numbers numbers(1, doubler.ask());
  EXPECT_EQ(numbers.find(4), 8);
  EXPECT_EQ(numbers.find(-4), std::nullopt);
  EXPECT_THAT(doubler.rounds(), ElementsAre(ElementsAre(4), ElementsAre(-4)));
}

TEST(CoalescerTest, WhoComesWhileARoundIsUnderWayIsAskedForTogether) {
  Doubler doubler;
  Numbers numbers(1, doubler.ask());
  auto first = std::async(std::launch::async, [&] { return numbers.find(1); });
  doubler.await_first();
  std::vector<std::future<std::optional<int>>> others;
  for (const int key : {2, 3, 3, -5})
    others.push_back(std::async(std::launch::async, [&numbers, key] { return numbers.find(key); }));
  await_waiting(numbers, 4);
  doubler.let_go();
  EXPECT_EQ(first.get(), 2);
  EXPECT_EQ(others[0].get(), 4);
  EXPECT_EQ(others[1].get(), 6);
  EXPECT_EQ(others[2].get(), 6);
  EXPECT_EQ(others[3].get(), std::nullopt);
  EXPECT_THAT(doubler.rounds(), ElementsAre(ElementsAre(1), SizeIs(4)));
}

TEST(CoalescerTest, AFailureIsThrownToEveryoneOfItsRoundAndToNobodyElse) {
  Doubler doubler;
  Numbers numbers(1, doubler.ask());
  auto first = std::async(std::launch::async, [&] { return numbers.find(1); });
  doubler.await_first();
  auto failing = std::async(std::launch::async, [&] { return numbers.find(Doubler::thrown); });
  await_waiting(numbers, 1);
  auto with_it = std::async(std::launch::async, [&] { return numbers.find(5); });
  await_waiting(numbers, 2);
  doubler.let_go();
  EXPECT_EQ(first.get(), 2);
  EXPECT_THROW(failing.get(), std::runtime_error);
  EXPECT_THROW(with_it.get(), std::runtime_error);
  EXPECT_EQ(numbers.find(5), 10);
}

TEST(CoalescerTest, EveryoneIsAnsweredWithWhatTheyAskedFor) {
  Numbers numbers(2, [](const std::vector<int>& keys) {
    std::map<int, int> values;
    for (const int key : keys) values.emplace(key, 2 * key);
    return values;
  });
  std::vector<std::thread> threads;
  threads.reserve(8);
  std::atomic<int> wrong = 0;
  for (int thread = 0; thread < 8; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < 2'000; ++i) {
        const int key = thread * 10'000 + i;
        if (numbers.find(key) != 2 * key) ++wrong;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace freight
