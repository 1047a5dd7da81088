#pragma once

#include <optional>
#include <string>
#include <vector>

#include "storage/event_writer.hpp"
#include "storage/locked_jobs.hpp"
#include "storage/task_queue.hpp"

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
  void end(LockedJob& job, const Outcome& outcome, ShareChanges& changes);

  /// Ends a job that is cancelling when nothing of it is left in the queue; true when it did.
  bool end_if_cancelled(LockedJob& job, ShareChanges& changes);

 private:
  std::vector<std::string> read_warnings(const JobKey& key);

  database::Session& session_;
  SqlText& sql_;
  TaskQueue& queue_;
  EventWriter& events_;
};

}  // namespace freight::storage
