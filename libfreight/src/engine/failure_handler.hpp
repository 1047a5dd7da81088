#pragma once

#include <chrono>
#include <optional>

#include "engine/engine_parts.hpp"
#include "engine/failure_rules.hpp"
#include "engine/job_runtime.hpp"
#include "engine/lease_keeper.hpp"
#include "freight/engine/work.hpp"

namespace freight::engine {

/// Turns the failure of a task into what the outbox is to deliver. Thread-safe.
class FailureHandler {
 public:
  explicit FailureHandler(const EngineParts& parts) : engine_(parts) {}

  Consequence consequence(const LeasedTask& leased, const JobRuntime& runtime,
                          const TaskAttempt& attempt, const Failure& failure) const;
  /// All but RejectRecords, which needs the records.
  void apply(const Consequence& consequence, const LeasedTask& leased, JobRuntime& runtime,
             const TaskAttempt& attempt, const Failure& failure);

  /// Ends the job before its time and asks its tasks here to stop. `token` is of the task that
  /// found the reason: without its lease it ends nothing, so that a job that was retried meanwhile
  /// runs on.
  void end_job(JobRuntime& runtime, JobStatus status, const Failure& failure, LeaseToken token);
  /// The same from outside any task: this run of the job fails, and no later one.
  void fail_run(JobRuntime& runtime, std::uint64_t run_number, const Failure& failure);
  /// Lets the destination clean up behind a job that is not completed.
  void abandon(const JobRuntime& runtime) const;
  /// The same for a job that was cancelled, if it ever began, even when nothing of it ran here.
  void abandon_cancelled(JobRuntime& runtime) const;

 private:
  void wait_for_other_side(const LeasedTask& leased, JobRuntime& runtime,
                           const TaskAttempt& attempt, const Failure& failure, bool at_once);
  void log_retry(const Task& task, const Failure& failure, std::chrono::milliseconds delay);
  void try_again(const LeasedTask& leased, const Failure& failure, std::chrono::milliseconds delay,
                 bool counted);
  void hand_back(const LeasedTask& leased);
  void give_up(const LeasedTask& leased, const Failure& failure);
  void end(JobRuntime& runtime, FinishReport report);
  void end_job_of(const LeasedTask& leased, JobRuntime& runtime, const EndJob& ending);

  EngineParts engine_;
};

}  // namespace freight::engine
