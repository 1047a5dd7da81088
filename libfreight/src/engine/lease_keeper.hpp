#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "freight/connector_context.hpp"
#include "freight/engine/work_store.hpp"
#include "freight/time.hpp"

namespace freight::engine {

/// A task of this node, with what ends it early. Shared by the worker and the lease keeper.
struct LeasedTask {
  LeasedTask(Task leased, Deadline::TimePoint until) : task(std::move(leased)), deadline(until) {}

  const Task task;
  Deadline deadline;
  std::stop_source stop;
};

/// The leases that this node holds. Renewed together; a worker stops writing when two thirds of its
/// lease have passed without a renewal, and is told to stop when the lease is another's.
/// Thread-safe.
class LeaseKeeper {
 public:
  LeaseKeeper(WorkStore& store, NodeId node_id, const Clock& clock,
              std::chrono::milliseconds lease);

  /// `claimed_at` is the time before the claim was sent: the store's lease is not shorter.
  std::shared_ptr<LeasedTask> hold(Task task, Deadline::TimePoint claimed_at);
  void let_go(LeaseToken token);

  struct Processed {
    std::uint64_t batches = 0;
    std::uint64_t records = 0;
  };
  /// One heartbeat, with what the node offers: stops what is another's now or is cancelled, and
  /// returns the jobs of which nothing should be begun any more. Throws what the store throws; the
  /// deadlines then stay where they are.
  std::vector<JobReference> renew(Processed processed, std::vector<std::string> affinities);

  /// The tasks whose leases are held.
  std::vector<std::shared_ptr<LeasedTask>> held() const;

  void request_stop(JobId job_id);
  /// Of all tasks, those held from now on too: a claim may be on its way.
  void request_stop();

 private:
  Deadline::TimePoint deadline_from(Deadline::TimePoint sent_at) const;

  WorkStore& store_;
  const NodeId node_id_;
  const Clock& clock_;
  const std::chrono::milliseconds lease_;

  mutable std::mutex mutex_;
  std::unordered_map<LeaseToken, std::shared_ptr<LeasedTask>> held_;
  bool stopped_ = false;
};

}  // namespace freight::engine
