#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <vector>

#include "engine/job_runtimes.hpp"
#include "engine/lease_keeper.hpp"
#include "engine/task_gate.hpp"
#include "freight/engine/work.hpp"

namespace freight::engine {

/// The tasks that this node has claimed and not begun, and the slots that work them off: one a
/// worker for batches, one more for planning and finishing. Thread-safe.
class Dispatcher {
 public:
  using Run = std::function<void(const std::shared_ptr<LeasedTask>&)>;

  Dispatcher(TaskGate& gate, JobRuntimes& runtimes, const Clock& clock, unsigned workers, Run run);

  void add(std::shared_ptr<LeasedTask> leased);

  struct Room {
    std::uint32_t execute = 0;
    std::uint32_t other = 0;
  };
  /// How many more tasks should be claimed: twice the workers' number are kept at hand, so that no
  /// worker waits for a commit; and of tasks that are over quickly, what the slots do in 50 ms, 500
  /// at most.
  Room room() const;

  /// Begins what waited for its job to be connected, or for its turn to write.
  void pump();

  /// Takes out what has not been begun of a job.
  std::vector<std::shared_ptr<LeasedTask>> withdraw(JobId job_id);
  /// Takes out what was claimed ahead in the belief that tasks are quick, and is now behind some
  /// that are not: other nodes may have time for it.
  std::vector<std::shared_ptr<LeasedTask>> withdraw_stuck();

 private:
  using Queue = std::deque<std::shared_ptr<LeasedTask>>;
  using TimePoint = std::chrono::steady_clock::time_point;
  using Running = std::multiset<TimePoint>::iterator;

  static constexpr std::chrono::nanoseconds horizon = std::chrono::milliseconds(50);
  static constexpr std::size_t max_ahead = 500;

  struct Lane {
    Queue queue;
    unsigned slots = 1;
    /// Held at least, running tasks included.
    std::size_t at_hand = 1;
    /// When the running tasks began.
    std::multiset<TimePoint> running = {};
    /// Moving average of what a task takes.
    std::chrono::nanoseconds mean = horizon;

    bool is_stuck(TimePoint now) const;
    std::size_t wanted(TimePoint now) const;
  };

  static bool is_batch(const LeasedTask& leased) { return leased.task.kind == TaskKind::execute; }
  std::shared_ptr<LeasedTask> next(Lane& lane);
  void pump(Lane& lane);
  void work(Lane& lane, const std::shared_ptr<LeasedTask>& leased, Running began);

  TaskGate& gate_;
  JobRuntimes& runtimes_;
  const Clock& clock_;
  Run run_;

  mutable std::mutex mutex_;
  Lane batches_;
  Lane others_;
};

}  // namespace freight::engine
