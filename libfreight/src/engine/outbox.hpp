#pragma once

#include <mutex>
#include <vector>

#include "freight/job_store.hpp"

namespace freight::engine {

/// What tasks leave behind for the storage. Kept until it is delivered, however long the storage is
/// away. Thread-safe.
class Outbox {
 public:
  struct Content {
    std::vector<BatchReport> reports;
    /// Of plan and finish tasks.
    std::vector<TaskRetry> retries;
    std::vector<FinishReport> endings;
  };

  void add(BatchReport report);
  void add(TaskRetry retry);
  void add(FinishReport ending);

  Content take();

 private:
  std::mutex mutex_;
  Content content_;
};

}  // namespace freight::engine
