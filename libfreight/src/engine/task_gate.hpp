#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>

#include "freight/engine/work.hpp"
#include "freight/executor.hpp"
#include "freight/sinks.hpp"

namespace freight::engine {

/// The engine's only way to the executor: what goes through it never runs after close(), though a
/// timer of ours may stay in a foreign executor for longer. Thread-safe.
class TaskGate {
 public:
  explicit TaskGate(LogSink& log);

  /// `executor` must live until close().
  void open(Executor& executor);
  /// Lets nothing begin any more and waits until what runs has ended. Never call it from a task.
  void close();

  /// False, and nothing is posted, while the gate is not open.
  bool post(Executor::Task task);
  bool post_at(std::chrono::steady_clock::time_point due, Executor::Task task);

 private:
  struct State {
    std::mutex mutex;
    std::condition_variable idle;
    Executor* executor = nullptr;
    std::uint64_t running = 0;
    LogSink* log = nullptr;
  };

  static Executor::Task guarded(std::shared_ptr<State> state, Executor::Task task);

  std::shared_ptr<State> state_;
};

}  // namespace freight::engine
