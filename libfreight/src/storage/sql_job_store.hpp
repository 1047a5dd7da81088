#pragma once

#include "freight/job_store.hpp"
#include "storage/locked_jobs.hpp"
#include "storage/node_liveness.hpp"
#include "storage/store_connections.hpp"
#include "storage/task_queue.hpp"

namespace freight::storage {

/// The jobs of both backends. Every call is one transaction that locks in one order: jobs by their
/// key, then rows of the queue, then the shares of tenants.
class SqlJobStore final : public JobStore {
 public:
  SqlJobStore(StoreConnections& connections, NodeLiveness& liveness)
      : connections_(connections),
        sql_(connections.sql()),
        liveness_(liveness),
        queue_(connections.sql(), liveness) {}

  void submit(JobId id, const NewJob& job) override;
  bool submit_after(JobId id, const NewJob& job, std::optional<JobId> newest) override;

  std::optional<Job> find_job(TenantId tenant_id, JobId job_id) override;
  std::vector<Job> list_jobs(TenantId tenant_id, std::uint32_t limit) override;
  std::vector<Job> find_jobs_by_identity(TenantId tenant_id, std::string_view identity) override;

  void register_node(const NodeInfo& node) override;
  void remove_node(NodeId node_id) override;
  bool is_running(TenantId tenant_id, JobId job_id) override;

  std::vector<Task> claim(const ClaimRequest& request) override;
  std::vector<LeaseToken> renew(NodeId node_id, std::span<const LeaseToken> tokens,
                                std::chrono::milliseconds lease) override;
  PlanResult append_plan(const PlanReport& report) override;
  AcknowledgeResult acknowledge(std::span<const BatchReport> reports,
                                const ClaimRequest& next) override;
  bool retry_task(const TaskRetry& retry) override;
  bool finish_job(const FinishReport& report) override;
  RequeueResult requeue(TenantId tenant_id, JobId job_id) override;

  std::vector<Batch> list_batches(TenantId tenant_id, JobId job_id, std::uint64_t first_sequence,
                                  std::uint32_t limit) override;
  RecordCounts sum_batches(TenantId tenant_id, JobId job_id) override;
  std::vector<DeadLetter> list_dead_letters(TenantId tenant_id, JobId job_id,
                                            std::uint64_t first_ordinal,
                                            std::uint32_t limit) override;
  std::vector<RejectGroup> summarise_rejects(TenantId tenant_id, JobId job_id,
                                             std::uint32_t limit) override;

 private:
  /// False when the identity's newest job is not the one expected; nullptr: whatever it is.
  bool insert_job(database::Session& session, JobId id, const NewJob& job,
                  const std::optional<JobId>* expected_newest);
  void write_plan(database::Session& session, LockedJob& job, const PlanReport& report);
  void forget_nodes(const TaskQueue::NodeCleanup& cleanup);

  StoreConnections& connections_;
  SqlText& sql_;
  NodeLiveness& liveness_;
  TaskQueue queue_;
};

}  // namespace freight::storage
