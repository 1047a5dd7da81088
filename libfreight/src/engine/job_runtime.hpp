#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "engine/job_connectors.hpp"
#include "engine/outage.hpp"
#include "engine/stores.hpp"
#include "engine/write_turns.hpp"
#include "freight/connector_registry.hpp"
#include "mapping/record_mapper.hpp"

namespace freight::engine {

/// One job on this node: its spec, and its connectors from the first task that needs them until the
/// job ends. Thread-safe.
class JobRuntime {
 public:
  /// `attached`: the spec with its secrets, where storage has it without; else nullptr.
  JobRuntime(TenantId tenant_id, JobId job_id, std::shared_ptr<const JobSpec> attached);

  const TenantId tenant_id;
  const JobId job_id;
  Outage outage;
  /// A record of the job was not rejected: it cannot end all_rejected any more.
  std::atomic<bool> seen_accepted = false;
  /// This node has decided that the job ends, whoever holds its tasks: the storage is about to hear
  /// of it, and until it has, every step sees the reason again.
  std::atomic<bool> end_was_decided = false;
  /// Of an ordered job: the batches that this node holds.
  WriteTurns turns;

  /// Spec and connectors, made by the first who asks while others wait, and anew after a failure.
  /// Throws what storage, parser and connectors throw, not_found when the job is gone, and
  /// source_changed when the input is not the one that was planned.
  const JobConnectors& connectors(const Stores& stores, const ConnectorRegistry& registry,
                                  TaskAttempt& attempt);
  /// nullptr until they are made.
  const JobConnectors* made_connectors() const { return made_.load(std::memory_order_acquire); }
  /// True while somebody makes them, which may take as long as an attempt to connect.
  bool is_being_made() const { return being_made_.load(std::memory_order_acquire); }

  /// What the job was before its only batch; nullptr of one with more batches, or some of them done
  /// when connectors() read it. Without its spec.
  const Job* before_only_batch() const {
    return made_connectors() != nullptr && before_only_batch_ ? &*before_only_batch_ : nullptr;
  }

  /// nullptr until connectors() has read it.
  const JobSpec* spec() const { return known_spec_.load(std::memory_order_acquire); }
  /// By the options' policy, or else by the spec's.
  const RetryPolicy& retry_policy(const RetryPolicy* override_policy) const;

  /// When a task of the job was last here; for forgetting jobs that others ended.
  void touch(std::chrono::steady_clock::time_point now) { last_used_ = now; }
  std::chrono::steady_clock::time_point last_used() const { return last_used_; }

 private:
  void read_spec(const Job& job, const ConnectorRegistry& registry);

  std::mutex mutex_;
  std::shared_ptr<const JobSpec> spec_;
  std::unique_ptr<const JobConnectors> connectors_;
  std::optional<ExponentialBackoff> policy_;
  std::optional<Job> before_only_batch_;

  std::atomic<const JobSpec*> known_spec_ = nullptr;
  std::atomic<const JobConnectors*> made_ = nullptr;
  std::atomic<bool> being_made_ = false;
  std::atomic<std::chrono::steady_clock::time_point> last_used_{};
};

}  // namespace freight::engine
