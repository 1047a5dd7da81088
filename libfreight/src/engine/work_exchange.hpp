#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/change_signal.hpp"
#include "engine/dispatcher.hpp"
#include "engine/engine_parts.hpp"
#include "engine/failure_handler.hpp"
#include "engine/housekeeping.hpp"
#include "engine/limit_check.hpp"
#include "engine/storage_trouble.hpp"
#include "freight/engine/work.hpp"

namespace freight::engine {

/// What goes between tasks and storage, step by step: delivers all that tasks have left behind and
/// claims the next work, in one transaction where it can. Steps never overlap. An error of the
/// storage loses nothing: what was not delivered is delivered later.
class WorkExchange {
 public:
  WorkExchange(const EngineParts& parts, Dispatcher& dispatcher, ChangeSignal& changes,
               NodeInfo node, std::vector<std::string> affinities);

  void step();
  /// Renews the leases, keeps house in the storage and forgets what is not used any more.
  void heartbeat();

  /// Hands back what is claimed of a job and has not begun.
  void hand_back_waiting(const JobReference& job);
  void hand_back(const std::vector<std::shared_ptr<LeasedTask>>& withdrawn);
  /// The same, and what has begun is asked to stop.
  void stop_job(const JobReference& job);
  /// The storage has it `cancelled`: the destination cleans up, and the job is forgotten here.
  void job_cancelled(const JobReference& job);

  /// After the last step: delivers, hands back what is held and takes the node off, as far as the
  /// storage lets it with one try each.
  void close();

  /// What keeps the storage from taking anything, attempt after attempt.
  std::optional<Failure> storage_failure() const { return trouble_.lasting_failure(); }

 private:
  void register_once();
  void take_pending();
  void deliver_and_claim();

  ClaimRequest claim_of(Dispatcher::Room room) const;
  /// Of this machine, and of what was attached.
  std::vector<std::string> all_affinities() const;
  void hold(std::vector<Task> claimed, Deadline::TimePoint claimed_at);
  void settle(JobId job_id, LeaseToken token) const;

  void acknowledge(const ClaimRequest& next);
  void acknowledge_one_by_one(const ClaimRequest& next);
  void acknowledged(const BatchReport& report, const std::vector<LeaseToken>& lost);

  void deliver(const std::function<void()>& call) const;
  void retry_tasks();
  void end_jobs();
  void job_ended(const FinishReport& ending, bool ended);
  void drop_ending_after(LeaseToken token);
  /// Tells the storage what is left to tell, and that this node stops.
  void leave();
  /// Lets the destinations of cancelled jobs clean up.
  void clean_up();
  void forget(JobId job_id);

  EngineParts engine_;
  Dispatcher& dispatcher_;
  ChangeSignal& changes_;
  const NodeInfo node_;
  const std::vector<std::string> affinities_;
  FailureHandler failures_;
  LimitCheck limits_;
  Housekeeping housekeeping_;
  StorageTrouble trouble_;
  std::atomic<bool> registered_ = false;
  std::atomic<std::uint64_t> batches_processed_ = 0;
  std::atomic<std::uint64_t> records_processed_ = 0;
  /// Taken from the outbox and not delivered yet; only the step touches it.
  Outbox::Content pending_;
  std::mutex abandoned_mutex_;
  /// Cancelled, and not cleaned up behind yet.
  std::vector<std::shared_ptr<JobRuntime>> abandoned_;
};

}  // namespace freight::engine
