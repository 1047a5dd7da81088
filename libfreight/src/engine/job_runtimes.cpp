#include "engine/job_runtimes.hpp"

#include <utility>

namespace freight::engine {

std::shared_ptr<JobRuntime> JobRuntimes::of(TenantId tenant_id, JobId job_id,
                                            std::chrono::steady_clock::time_point now) {
  const std::lock_guard lock(mutex_);
  auto& runtime = runtimes_[job_id];
  if (!runtime) {
    const auto attached = attached_.find(job_id);
    runtime = std::make_shared<JobRuntime>(
        tenant_id, job_id, attached == attached_.end() ? nullptr : attached->second.spec);
  }
  runtime->touch(now);
  return runtime;
}

std::shared_ptr<JobRuntime> JobRuntimes::find(JobId job_id) const {
  const std::lock_guard lock(mutex_);
  const auto found = runtimes_.find(job_id);
  return found == runtimes_.end() ? nullptr : found->second;
}

void JobRuntimes::attach(JobId job_id, std::shared_ptr<const JobSpec> spec, std::string affinity) {
  std::shared_ptr<JobRuntime> without_secrets;
  const std::lock_guard lock(mutex_);
  attached_[job_id] = {std::move(spec), std::move(affinity)};
  const auto known = runtimes_.find(job_id);
  // One that holds batches has the secrets, and knows whose turn it is.
  if (known == runtimes_.end() || !known->second->turns.empty()) return;
  without_secrets = std::move(known->second);
  runtimes_.erase(known);
}

std::vector<std::string> JobRuntimes::affinities() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> affinities;
  for (const auto& [job_id, attached] : attached_) {
    if (!attached.affinity.empty()) affinities.push_back(attached.affinity);
  }
  return affinities;
}

std::vector<std::shared_ptr<LeasedTask>> JobRuntimes::take_ready() const {
  std::vector<std::shared_ptr<LeasedTask>> ready;
  const std::lock_guard lock(mutex_);
  for (const auto& [job_id, runtime] : runtimes_) {
    while (auto leased = runtime->turns.next_ready()) ready.push_back(std::move(leased));
  }
  return ready;
}

void JobRuntimes::forget(JobId job_id) {
  std::shared_ptr<JobRuntime> ended;  // Its connectors are closed outside the lock.
  const std::lock_guard lock(mutex_);
  if (auto node = runtimes_.extract(job_id)) ended = std::move(node.mapped());
  attached_.erase(job_id);
}

void JobRuntimes::forget_unused(std::chrono::steady_clock::time_point since) {
  std::vector<std::shared_ptr<JobRuntime>> unused;  // Closed outside the lock, too.
  const std::lock_guard lock(mutex_);
  for (auto entry = runtimes_.begin(); entry != runtimes_.end();) {
    // A task that runs holds a second reference; a parked one is known to its turns only.
    if (entry->second.use_count() == 1 && entry->second->last_used() < since &&
        entry->second->turns.empty()) {
      unused.push_back(std::move(entry->second));
      entry = runtimes_.erase(entry);
    } else {
      ++entry;
    }
  }
}

}  // namespace freight::engine
