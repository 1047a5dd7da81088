#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "engine/job_runtimes.hpp"
#include "engine/lease_keeper.hpp"
#include "engine/task_gate.hpp"

namespace freight::engine {

/// The tasks that this node has claimed and not begun, and the slots that work them off: one a
/// worker for batches, one more for planning and finishing. Thread-safe.
class Dispatcher {
 public:
  using Run = std::function<void(const std::shared_ptr<LeasedTask>&)>;

  Dispatcher(TaskGate& gate, JobRuntimes& runtimes, unsigned workers, Run run);

  void add(std::shared_ptr<LeasedTask> leased);

  struct Room {
    std::uint32_t execute = 0;
    std::uint32_t other = 0;
  };
  /// How many more tasks should be claimed: twice the workers' number are kept at hand, so that no
  /// worker waits for a commit.
  Room room() const;

  /// Begins what waited for its job to be connected, or for its turn to write.
  void pump();

  /// Takes out what has not been begun of a job.
  std::vector<std::shared_ptr<LeasedTask>> withdraw(JobId job_id);

 private:
  using Queue = std::deque<std::shared_ptr<LeasedTask>>;

  struct Lane {
    Queue queue;
    unsigned slots = 1;
    unsigned running = 0;
  };

  static bool is_batch(const LeasedTask& leased) { return leased.task.kind == TaskKind::execute; }
  std::shared_ptr<LeasedTask> next(Lane& lane);
  void pump(Lane& lane);
  void work(Lane& lane, const std::shared_ptr<LeasedTask>& leased);

  TaskGate& gate_;
  JobRuntimes& runtimes_;
  Run run_;

  mutable std::mutex mutex_;
  Lane batches_;
  Lane others_;
};

}  // namespace freight::engine
