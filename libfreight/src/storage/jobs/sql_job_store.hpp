#pragma once

#include <atomic>
#include <map>
#include <shared_mutex>
#include <span>
#include <utility>
#include <vector>

#include "core/coalescer.hpp"
#include "freight/engine/work_store.hpp"
#include "freight/job_store.hpp"
#include "storage/log/event_writer.hpp"
#include "storage/queue/task_queue.hpp"
#include "storage/sql/locked_jobs.hpp"
#include "storage/sql/node_liveness.hpp"
#include "storage/sql/store_connections.hpp"

namespace freight::storage {

/// The jobs of both backends. Every call is one transaction that locks in one order: jobs by their
/// key, then rows of the queue, then the shares of tenants.
class SqlJobStore final : public JobStore, public WorkStore {
 public:
  SqlJobStore(StoreConnections& connections, NodeLiveness& liveness)
      : connections_(connections),
        sql_(connections.sql()),
        liveness_(liveness),
        queue_(connections.sql(), liveness),
        look_ups_(most_look_ups, [this](const auto& keys) { return look_up_jobs(keys); }) {}

  void submit(JobId id, const NewJob& job) override;
  bool submit_after(JobId id, const NewJob& job, std::optional<JobId> newest) override;
  void submit_many(std::span<const JobSubmission> jobs) override;
  SubmitResult submit_once(JobId id, const NewJob& job, const IdempotencyKey& key) override;
  std::optional<JobId> find_submitted(TenantId tenant_id, std::string_view key) override;

  StateChange pause(TenantId tenant_id, JobId job_id,
                    const std::optional<Failure>& reason) override;
  StateChange resume(TenantId tenant_id, JobId job_id) override;
  StateChange cancel(TenantId tenant_id, JobId job_id) override;
  void adopt(TenantId tenant_id, JobId job_id, MigrationId migration_id) override;
  StateChange remove_job(TenantId tenant_id, JobId job_id) override;

  std::optional<Job> find_job(TenantId tenant_id, JobId job_id) override;
  JobPage list_jobs(TenantId tenant_id, const JobQuery& query) override;
  std::vector<Job> find_jobs_by_identity(TenantId tenant_id, std::string_view identity) override;

  void register_node(const NodeInfo& node) override;
  void remove_node(NodeId node_id) override;
  bool is_running(TenantId tenant_id, JobId job_id) override;

  std::vector<Task> claim(const ClaimRequest& request) override;
  RenewResult renew(const Heartbeat& heartbeat) override;
  HousekeepingResult housekeep() override;
  std::vector<JobReference> list_unserved(const UnservedQuery& query) override;
  bool note_waiting(TenantId tenant_id, JobId job_id,
                    const std::optional<Failure>& reason) override;
  PlanResult append_plan(const PlanReport& report) override;
  void describe_job(TenantId tenant_id, JobId job_id, const JobDescription& found) override;
  AcknowledgeResult acknowledge(std::span<const BatchReport> reports,
                                const ClaimRequest& next) override;
  TaskRetryResult retry_task(const TaskRetry& retry) override;
  std::vector<bool> finish_jobs(std::span<const FinishReport> reports) override;
  RetryResult retry(const RetryRequest& request) override;
  BatchRetryResult retry_batch(TenantId tenant_id, BatchId batch_id) override;

  std::vector<Batch> list_batches(TenantId tenant_id, JobId job_id,
                                  const BatchQuery& query) override;
  std::optional<Batch> find_batch(TenantId tenant_id, BatchId batch_id) override;
  RecordCounts sum_batches(TenantId tenant_id, JobId job_id) override;
  std::vector<DeadLetter> list_dead_letters(TenantId tenant_id, JobId job_id,
                                            const DeadLetterQuery& query) override;
  std::optional<DeadLetter> find_dead_letter(TenantId tenant_id, DeadLetterId id) override;
  std::vector<RejectGroup> summarise_rejects(TenantId tenant_id, JobId job_id,
                                             std::uint32_t limit) override;
  std::vector<DeadLetterCount> count_dead_letters(TenantId tenant_id, JobId job_id) override;
  std::vector<RejectRange> list_reject_ranges(TenantId tenant_id, JobId job_id,
                                              std::uint64_t first_ordinal,
                                              std::uint32_t limit) override;
  std::uint64_t discard(TenantId tenant_id, JobId job_id, const DeadLetterFilter& filter) override;
  void stage_corrections(TenantId tenant_id, JobId job_id, ReplayId replay_id,
                         std::span<const Correction> corrections) override;
  ReplayResult replay(const ReplayRequest& request) override;
  ReplayBatch list_replay_records(TenantId tenant_id, JobId job_id,
                                  std::uint64_t sequence) override;

  std::vector<LogEntry> list_log(TenantId tenant_id, JobId job_id, const LogQuery& query) override;
  std::optional<RecordFate> find_record(TenantId tenant_id, JobId job_id,
                                        std::uint64_t ordinal) override;
  std::vector<std::uint64_t> find_ordinals(TenantId tenant_id, JobId job_id, std::string_view key,
                                           std::uint32_t limit) override;

  std::optional<RetryStatus> retry_status(TenantId tenant_id, JobId job_id) override;
  QueueStatistics queue_statistics(std::optional<TenantId> tenant_id) override;
  std::vector<NodeStatus> list_nodes() override;
  TenantUsage usage(TenantId tenant_id) override;

  ErasureResult erase(const Erasure& erasure) override;
  std::uint64_t prune_rejects(Timestamp before, std::uint32_t limit) override;
  std::uint64_t prune_jobs(Timestamp before, std::uint32_t limit) override;
  std::uint64_t last_event(TenantId tenant_id) override;
  std::vector<Event> list_events(TenantId tenant_id, const EventQuery& query) override;
  /// Hands events that were committed to who has subscribed.
  void tell(std::span<const Event> events);
  void subscribe(EventSink& sink) override;
  void unsubscribe(EventSink& sink) override;

 private:
  /// Rounds of look-ups at a time: one is worked for by the server while another's answers are.
  static constexpr unsigned most_look_ups = 2;
  using JobKey = std::pair<TenantId, JobId>;
  struct FoundJob {
    Job job;
    bool has_passes = false;
  };
  struct DueJob {
    JobReference job;
    JobStatus status = JobStatus::running;
  };

  /// A transaction of `work(Session&, EventWriter&)`; its events are told once it is committed.
  template <typename Work>
  auto write(Work&& work) {
    std::vector<Event> written;
    auto result = connections_.write(with_events(work, written));
    tell(written);
    return result;
  }
  /// The same within the wall around one tenant.
  template <typename Work>
  auto write(TenantId tenant_id, Work&& work) {
    std::vector<Event> written;
    auto result = connections_.write(tenant_id, with_events(work, written));
    tell(written);
    return result;
  }
  template <typename Work>
  auto with_events(Work& work, std::vector<Event>& written) {
    return [this, &work, &written](database::Session& session) {
      EventWriter events(session, sql_);
      auto answer = work(session, events);
      written = events.flush();
      return answer;
    };
  }
  std::map<JobKey, FoundJob> look_up_jobs(const std::vector<JobKey>& keys);

  void lock_tenants(database::Session& session, std::span<const JobSubmission> jobs);
  void insert_jobs(database::Session& session, EventWriter& events,
                   std::span<const JobSubmission> jobs);
  void change_status(database::Session& session, EventWriter& events, LockedJob& job,
                     JobStatus status, std::string_view log_event,
                     const std::optional<Failure>& reason);
  /// What housekeep() does for one job; true when it is cancelled now.
  bool tend(const JobReference& reference);
  std::vector<DueJob> find_due_jobs();
  std::optional<std::chrono::microseconds> forgive_clock_step_back();
  /// A cancelling job has a lease of a node that is surely dead.
  bool any_dead_holder();
  void prune_old();
  void write_plan(database::Session& session, EventWriter& events, LockedJob& job,
                  const PlanReport& report);
  void forget_nodes(const TaskQueue::NodeCleanup& cleanup);

  StoreConnections& connections_;
  SqlText& sql_;
  NodeLiveness& liveness_;
  TaskQueue queue_;
  Coalescer<JobKey, FoundJob> look_ups_;
  /// Held while sinks are told: who has unsubscribed is not called any more.
  std::shared_mutex sinks_mutex_;
  std::vector<EventSink*> sinks_;
  /// When prune_old() is next due; on the steady clock.
  std::atomic<std::int64_t> next_prune_ = 0;
};

}  // namespace freight::storage
