#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "freight/cxx20.hpp"

namespace freight {

/// @addtogroup surroundings
/// @{

/// Where an engine's work runs. All of an engine's work goes through it: the engine makes no thread
/// of its own. Implementations are thread-safe and run tasks at the same time on at least
/// `EngineOptions::workers + 2` threads, so that leases are renewed while all workers are busy.
/// Tasks do not throw. A task that was posted runs, or is dropped when the executor is destroyed;
/// the engine stops before that.
class Executor {
 public:
  /// One piece of work; it is copied or moved, and run once.
  using Task = std::function<void()>;

  virtual ~Executor() = default;
  /// Runs the task soon, never inside the call.
  virtual void post(Task task) = 0;
  /// Runs the task at `due` or as soon after as it can.
  virtual void post_at(std::chrono::steady_clock::time_point due, Task task) = 0;
};

/// A pool of `threads` threads with a timer. The destructor lets running tasks end, drops the rest
/// and joins.
std::unique_ptr<Executor> make_thread_pool(unsigned threads);

/// @}

}  // namespace freight
