#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "storage/log/event_writer.hpp"
#include "storage/queue/task_queue.hpp"
#include "storage/sql/locked_jobs.hpp"

namespace freight::storage {

/// Ends locked jobs within the caller's transaction: whatever is left in the queue goes, batches
/// that are not finished are `cancelled`.
class JobEnding {
 public:
  JobEnding(database::Session& session, SqlText& sql, TaskQueue& queue, EventWriter& events)
      : session_(session), sql_(sql), queue_(queue), events_(events) {}

  struct Outcome {
    JobStatus status = JobStatus::completed;
    std::optional<Failure> error;
    /// Added to those that the job has.
    std::vector<std::string> warnings;
    std::string reconciliation;
  };
  struct Ending {
    LockedJob* job = nullptr;
    Outcome outcome;
  };
  /// No job twice.
  void end(std::span<const Ending> endings, ShareChanges& changes);
  void cancel(LockedJob& job, ShareChanges& changes);

  /// Ends a job that is cancelling when nothing of it is left in the queue; true when it did.
  bool end_if_cancelled(LockedJob& job, ShareChanges& changes);

 private:
  /// What the job has and what is added; nullopt when nothing is.
  std::optional<std::string> with_warnings(const Ending& ending);

  database::Session& session_;
  SqlText& sql_;
  TaskQueue& queue_;
  EventWriter& events_;
};

}  // namespace freight::storage
