#pragma once

#include <optional>
#include <span>
#include <vector>

#include "freight/dead_letters.hpp"
#include "freight/engine/work.hpp"

namespace freight {

/// @addtogroup storages
/// @{

/// Work that is ready or leased, of all tenants: what engines claim, keep and report. For storage
/// backends to implement and engines to call; a program that only runs jobs has no use for it.
///
/// Thread-safe. Every call is one transaction, committed when it returns, and costs a constant
/// number of statements whatever the number of items in it. Errors are thrown as Error: transient
/// (storage_unavailable, storage_busy) when the same call may be made again: calls are idempotent
/// unless they say otherwise. Ids of another tenant are not found. Leases and due times are
/// compared on the store's own clock.
class WorkStore {
 public:
  virtual ~WorkStore() = default;

  /// Makes a node known and alive until remove_node() or until its process dies; with SQLite by a
  /// lock that the operating system frees, with PostgreSQL by its heartbeats.
  virtual void register_node(const NodeInfo& node) = 0;
  /// Frees the node's leases at once, so that others need not wait for them to run out. Does
  /// nothing for a node that is not known.
  virtual void remove_node(NodeId node_id) = 0;

  /// Leases work whose time has come, fairly over tenants, then by priority and age; work of nodes
  /// that are dead or whose lease ran out counts as ready. May return nothing.
  ///
  /// A batch of an ordered job is leased only to the node that holds all its unfinished
  /// predecessors: while another node has one, or one waits for its retry, the job is passed over.
  virtual std::vector<Task> claim(const ClaimRequest& request) = 0;

  /// Prolongs the node's leases and says which are not its own any more or should not be gone on
  /// with.
  virtual RenewResult renew(const Heartbeat& heartbeat) = 0;

  /// What time or the death of a node brings about: scheduled jobs become pending, cancelling jobs
  /// whose leases have run out cancelled, old events and idempotency keys go. For every node, about
  /// once a second; costs little when there is nothing to do.
  virtual HousekeepingResult housekeep() = 0;
  /// Pending and running jobs whose node_affinity no node that is alive offers
  /// (Heartbeat::affinities); up to 1000.
  virtual std::vector<JobReference> list_unserved(const UnservedQuery& query) = 0;
  /// Writes what a job that has not ended waits for (Job::waiting_on); nullopt: for nothing any
  /// more. False, and nothing is written, when that is what it says already, or it has ended.
  /// Throws not_found.
  virtual bool note_waiting(TenantId tenant_id, JobId job_id,
                            const std::optional<Failure>& reason) = 0;

  /// Writes batch ranges and the planner's position; with `done` ends the plan task, and adds the
  /// finish task when no batch is left.
  virtual PlanResult append_plan(const PlanReport& report) = 0;

  /// Keeps what the first node found out about a job that was submitted with its plan, before it
  /// writes. What was kept already stays, whoever comes later.
  virtual void describe_job(TenantId tenant_id, JobId job_id, const JobDescription& found) = 0;

  /// Writes what became of n batches: facts, exceptions, log rows, counters; adds the finish task
  /// to a planned job whose last batch this was; and claims the next work, all in one transaction.
  virtual AcknowledgeResult acknowledge(std::span<const BatchReport> reports,
                                        const ClaimRequest& next) = 0;

  /// Hands a plan or finish task back, to be claimed again when its time has come. Fenced as
  /// acknowledge().
  virtual TaskRetryResult retry_task(const TaskRetry& retry) = 0;

  /// Ends jobs, all or none of them, in one transaction: their remaining tasks leave the queue,
  /// unfinished batches are `cancelled` (or stay `failed`). For each report false when the lease
  /// was taken over or the job had ended already, of which an earlier report of the same job is a
  /// case, and so is a later run of it that the report does not mean. Throws invalid_state when a
  /// job cannot become what a report says.
  virtual std::vector<bool> finish_jobs(std::span<const FinishReport> reports) = 0;
  /// The same for one.
  bool finish_job(const FinishReport& report) { return finish_jobs({&report, 1}).front(); }

  /// The sums over the job's completed batches, for the reconciliation; not the job's own counters.
  virtual RecordCounts sum_batches(TenantId tenant_id, JobId job_id) = 0;

  /// What a batch that is not planned is made of; empty when that is over.
  virtual ReplayBatch list_replay_records(TenantId tenant_id, JobId job_id,
                                          std::uint64_t sequence) = 0;
};

/// @}

}  // namespace freight
