#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "engine/job_runtime.hpp"
#include "freight/job_spec.hpp"

namespace freight::engine {

/// The jobs that this node works for, and what it offers to work for beyond those of any node.
/// Thread-safe.
class JobRuntimes {
 public:
  std::shared_ptr<JobRuntime> of(TenantId tenant_id, JobId job_id,
                                 std::chrono::steady_clock::time_point now);
  /// nullptr when the job is not at work here.
  std::shared_ptr<JobRuntime> find(JobId job_id) const;

  /// `spec` has the secrets that storage lacks; `affinity` is the job's and is offered from now on.
  void attach(JobId job_id, std::shared_ptr<const JobSpec> spec, std::string affinity);
  /// Of the attached jobs.
  std::vector<std::string> affinities() const;

  /// Parked batches of ordered jobs whose turn has come (WriteTurns).
  std::vector<std::shared_ptr<LeasedTask>> take_ready() const;

  /// The job has ended, what was attached goes too. Tasks that still run keep their runtime alive.
  void forget(JobId job_id);
  /// Frees the connectors of jobs without a task for so long; what is attached stays.
  void forget_unused(std::chrono::steady_clock::time_point since);

 private:
  struct Attached {
    std::shared_ptr<const JobSpec> spec;
    std::string affinity;
  };

  mutable std::mutex mutex_;
  std::map<JobId, std::shared_ptr<JobRuntime>> runtimes_;
  std::map<JobId, Attached> attached_;
};

}  // namespace freight::engine
