#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "freight/job.hpp"

// What JobStore is asked beyond single jobs, and what it answers.

namespace freight {

/// @addtogroup asking
/// @{

/// By which of their values jobs are listed; those that are alike in it, by id.
enum class JobSort : std::uint8_t { created_at, finished_at, priority };

/// Which jobs of a tenant to list, and in which order. Everything that is set must hold.
struct JobQuery {
  /// Empty for any.
  std::vector<JobStatus> statuses = {};
  /// Anywhere in the name, whatever the case of ASCII letters; empty for any.
  std::string name_contains = {};
  /// All of them, with these values.
  std::map<std::string, std::string> labels = {};
  /// Those of this migration.
  std::optional<MigrationId> migration_id = {};
  /// *From* is inclusive, *before* exclusive. A job that has not finished has no finishing time.
  std::optional<Timestamp> created_from = {};
  std::optional<Timestamp> created_before = {};
  std::optional<Timestamp> finished_from = {};
  std::optional<Timestamp> finished_before = {};
  /// True: only jobs with rejects that wait for a person; false: only those without.
  std::optional<bool> has_open_dead_letters = {};
  JobSort sort = JobSort::created_at;
  /// Jobs that have not finished count as the latest by `finished_at`.
  bool descending = true;
  /// 1 to 1000.
  std::uint32_t limit = 100;
  /// JobPage::next_cursor of the page before; empty for the first one.
  std::string cursor = {};
  /// Count all that match, too; costs a second statement.
  bool with_total = false;
};

/// One page of JobStore::list_jobs().
struct JobPage {
  /// Without `spec` and `reconciliation`.
  std::vector<Job> jobs;
  /// Empty when there is no more. Stays valid while jobs are added.
  std::string next_cursor;
  /// How many jobs all pages hold, up to max_total; only when asked for.
  std::optional<std::uint64_t> total;
  /// There are more than max_total.
  bool total_capped = false;

  static constexpr std::uint64_t max_total = 10'000;
};

/// Which batches of a job to list, in the order of their sequence.
struct BatchQuery {
  /// Those with this sequence or a higher one.
  std::uint64_t first_sequence = 0;
  std::uint32_t limit = 1000;
  /// Empty for any.
  std::vector<BatchStatus> statuses = {};
};

/// How a job's attempts went.
struct RetryStatus {
  /// Attempts at batches that were answered; and those that were not the first of their batch.
  std::uint64_t attempts = 0;
  std::uint64_t retries = 0;
  /// Attempts of tasks of any kind that are tried again, by what they met.
  std::map<Category, std::uint64_t> by_category;
  /// Tasks that wait for their next attempt, and the first one's time.
  std::uint64_t waiting = 0;
  std::optional<Timestamp> next_due_at;
  /// Batches that were given up.
  std::uint64_t exhausted = 0;
};

/// Tasks that wait or are at work.
struct QueueStatistics {
  /// Ready now.
  std::uint64_t ready = 0;
  /// Tasks of jobs whose time has not come.
  std::uint64_t scheduled = 0;
  std::uint64_t leased = 0;
  /// Waiting for their next attempt.
  std::uint64_t retrying = 0;
  /// Tasks of paused jobs.
  std::uint64_t held = 0;
  /// Batches given up that wait for a person.
  std::uint64_t dead = 0;
  /// How long the oldest ready task has been ready; zero when there is none.
  std::chrono::microseconds oldest_ready{0};
};

/// `idle` and `working` by the tasks that a node holds; `lost` without a heartbeat for fifteen
/// seconds.
enum class NodeState : std::uint8_t { idle, working, lost };

/// The state's name, as REST has it.
std::string_view to_string(NodeState state);

/// One batch, plan or finish that a node holds.
struct NodeTask {
  TenantId tenant_id;
  JobId job_id;
  /// Nil for plan and finish.
  BatchId batch_id;
};

/// A node as the storage knows it.
struct NodeStatus {
  NodeId id;
  std::string host;
  std::int64_t process_id = 0;
  std::uint32_t workers = 0;
  NodeState state = NodeState::idle;
  Timestamp started_at;
  /// By the storage's clock.
  std::chrono::microseconds heartbeat_age{0};
  /// Since it was registered.
  std::uint64_t batches_processed = 0;
  std::uint64_t records_processed = 0;
  std::vector<NodeTask> tasks;
};

/// What a tenant's jobs have done. Jobs that were removed do not count.
struct TenantUsage {
  std::map<JobStatus, std::uint64_t> jobs;
  RecordCounts records;
  RecordCounts last_hour;
  RecordCounts last_day;
  /// As Job::batch_attempts and Job::retries, over all of its jobs.
  std::uint64_t batch_attempts = 0;
  std::uint64_t retries = 0;
};

/// @}

}  // namespace freight
