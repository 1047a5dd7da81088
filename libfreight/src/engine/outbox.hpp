#pragma once

#include <mutex>
#include <optional>
#include <vector>

#include "freight/engine/work.hpp"
#include "freight/job_store.hpp"

namespace freight::engine {

/// What tasks leave behind for the storage. Kept until it is delivered, however long the storage is
/// away. Thread-safe.
class Outbox {
 public:
  struct Ending {
    FinishReport report;
    /// Holds only if the report of the batch under this lease was taken.
    std::optional<LeaseToken> after;
  };
  struct Content {
    std::vector<BatchReport> reports;
    /// Of plan and finish tasks.
    std::vector<TaskRetry> retries;
    std::vector<Ending> endings;
  };

  void add(BatchReport report);
  void add(TaskRetry retry);
  void add(FinishReport ending);
  /// Of a job that ends with its only batch.
  void add(BatchReport report, FinishReport ending);

  Content take();

 private:
  std::mutex mutex_;
  Content content_;
};

}  // namespace freight::engine
