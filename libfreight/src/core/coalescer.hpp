#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace freight {

/// Puts the same question of many threads as one: while as many rounds are under way as there may
/// be, whoever comes waits, and one of those who wait then asks for all of them. A caller that is
/// alone never waits. What is answered was always asked after the call began. Thread-safe.
///
/// For questions whose cost is the round trip rather than the rows.
template <typename Key, typename Value>
class Coalescer {
 public:
  /// The values of the keys, without those that have none; a key may be in it twice. What it throws
  /// is thrown to everyone of that round.
  using Ask = std::function<std::map<Key, Value>(const std::vector<Key>& keys)>;

  Coalescer(unsigned most_rounds, Ask ask) : most_rounds_(most_rounds), ask_(std::move(ask)) {}

  std::optional<Value> find(const Key& key) {
    std::unique_lock lock(mutex_);
    if (!next_) next_ = std::make_shared<Round>();
    const std::shared_ptr<Round> round = next_;
    round->keys.push_back(key);
    round->changed.wait(lock, [&] { return round->done || may_ask(*round); });
    if (!round->done) run(*round, lock);
    lock.unlock();
    if (round->error) std::rethrow_exception(round->error);
    const auto found = round->values.find(key);
    if (found == round->values.end()) return std::nullopt;
    // Nobody else looks at a value that one has asked for.
    const auto& keys = round->keys;
    if (std::count(keys.begin(), keys.end(), key) == 1) return std::move(found->second);
    return found->second;
  }

  /// How many wait for the next round.
  std::size_t waiting() {
    const std::lock_guard lock(mutex_);
    return next_ ? next_->keys.size() : 0;
  }

 private:
  struct Round {
    std::vector<Key> keys;
    std::map<Key, Value> values;
    std::exception_ptr error;
    bool begun = false;
    bool done = false;
    std::condition_variable changed;
  };

  bool may_ask(const Round& round) const { return !round.begun && rounds_ < most_rounds_; }

  void run(Round& round, std::unique_lock<std::mutex>& lock) {
    round.begun = true;
    next_.reset();
    ++rounds_;
    lock.unlock();
    try {
      round.values = ask_(round.keys);
    } catch (...) {
      round.error = std::current_exception();
    }
    lock.lock();
    --rounds_;
    round.done = true;
    round.changed.notify_all();
    // One of those who came meanwhile asks for them all.
    if (next_) next_->changed.notify_one();
  }

  const unsigned most_rounds_;
  const Ask ask_;
  std::mutex mutex_;
  unsigned rounds_ = 0;
  std::shared_ptr<Round> next_;
};

}  // namespace freight
