#include "engine/lease_keeper.hpp"

#include <set>
#include <utility>
#include <vector>

namespace freight::engine {

LeaseKeeper::LeaseKeeper(WorkStore& store, NodeId node_id, const Clock& clock,
                         std::chrono::milliseconds lease)
    : store_(store), node_id_(node_id), clock_(clock), lease_(lease) {}

Deadline::TimePoint LeaseKeeper::deadline_from(Deadline::TimePoint sent_at) const {
  return sent_at + lease_ * 2 / 3;
}

std::shared_ptr<LeasedTask> LeaseKeeper::hold(Task task, Deadline::TimePoint claimed_at) {
  auto leased = std::make_shared<LeasedTask>(std::move(task), deadline_from(claimed_at));
  const std::lock_guard lock(mutex_);
  if (stopped_) leased->stop.request_stop();
  held_[leased->task.token] = leased;
  return leased;
}

void LeaseKeeper::let_go(LeaseToken token) {
  const std::lock_guard lock(mutex_);
  held_.erase(token);
}

std::vector<JobReference> LeaseKeeper::renew(Processed processed,
                                             std::vector<std::string> affinities) {
  std::vector<LeaseToken> tokens;
  {
    const std::lock_guard lock(mutex_);
    tokens.reserve(held_.size());
    for (const auto& [token, leased] : held_) tokens.push_back(token);
  }
  const auto sent_at = clock_.steady_now();
  // Also without a lease: it is the sign of life of this node.
  const auto result = store_.renew({.node_id = node_id_,
                                    .tokens = tokens,
                                    .lease = lease_,
                                    .batches_processed = processed.batches,
                                    .records_processed = processed.records,
                                    .affinities = std::move(affinities)});

  const std::lock_guard lock(mutex_);
  for (const auto token : result.lost) {
    const auto found = held_.find(token);
    if (found == held_.end()) continue;
    found->second->deadline.move_to(Deadline::TimePoint::min());
    found->second->stop.request_stop();
    held_.erase(found);
  }
  for (const auto token : tokens) {
    const auto found = held_.find(token);
    if (found != held_.end()) found->second->deadline.move_to(deadline_from(sent_at));
  }
  std::set<JobReference> held_up;
  for (const auto& [stop, some] :
       {std::pair(true, &result.cancelling), std::pair(false, &result.paused)}) {
    for (const auto token : *some) {
      const auto found = held_.find(token);
      if (found == held_.end()) continue;
      if (stop) found->second->stop.request_stop();
      held_up.insert({found->second->task.tenant_id, found->second->task.job_id});
    }
  }
  return {held_up.begin(), held_up.end()};
}

std::vector<std::shared_ptr<LeasedTask>> LeaseKeeper::held() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<LeasedTask>> tasks;
  tasks.reserve(held_.size());
  for (const auto& [token, leased] : held_) tasks.push_back(leased);
  return tasks;
}

void LeaseKeeper::request_stop(JobId job_id) {
  const std::lock_guard lock(mutex_);
  for (const auto& [token, leased] : held_) {
    if (leased->task.job_id == job_id) leased->stop.request_stop();
  }
}

void LeaseKeeper::request_stop() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  for (const auto& [token, leased] : held_) leased->stop.request_stop();
}

}  // namespace freight::engine
