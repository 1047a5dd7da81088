#pragma once

#include <memory>

#include "engine/batch_executor.hpp"
#include "engine/engine_parts.hpp"
#include "engine/failure_handler.hpp"
#include "engine/finisher.hpp"
#include "engine/planner.hpp"
#include "freight/engine/work.hpp"

namespace freight::engine {

/// Runs one leased task, whatever its kind, and turns what came of it, failures of every sort
/// included, into something for the outbox. Never throws what a connector throws. Thread-safe.
class TaskRunner {
 public:
  explicit TaskRunner(const EngineParts& parts);

  void run(const LeasedTask& leased);

 private:
  void perform(const LeasedTask& leased, JobRuntime& runtime, TaskAttempt& attempt);
  void run_batch(const LeasedTask& leased, JobRuntime& runtime, TaskAttempt& attempt);
  /// With the end of the job, when this was its only batch and all went well.
  void deliver(BatchReport report, const Task& task, JobRuntime& runtime, TaskAttempt& attempt);
  void run_plan(const LeasedTask& leased, JobRuntime& runtime, TaskAttempt& attempt);
  void run_finish(const LeasedTask& leased, JobRuntime& runtime, TaskAttempt& attempt);
  void failed(const LeasedTask& leased, JobRuntime& runtime, TaskAttempt& attempt,
              const Failure& failure);

  EngineParts engine_;
  BatchExecutor executor_;
  Planner planner_;
  Finisher finisher_;
  FailureHandler failures_;
};

}  // namespace freight::engine
