#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "database/session.hpp"
#include "freight/engine/work.hpp"
#include "freight/job_store.hpp"
#include "storage/log/event_writer.hpp"
#include "storage/sql/json_rows.hpp"
#include "storage/sql/node_liveness.hpp"
#include "storage/sql/sql_text.hpp"

namespace freight::storage {

/// What a transaction changes in tenant_shares; written once, at its end.
struct ShareChange {
  /// Rows added to the lanes of batch_queue less those taken away.
  std::int64_t queued_execute = 0;
  std::int64_t queued_other = 0;
  bool claimed = false;
  std::uint64_t records = 0;
  double claim_start = 0;
  std::int64_t claimed_at = 0;
  /// Nothing of the tenant is claimed before; 0: as it was.
  std::int64_t held_until = 0;
};
using ShareChanges = std::map<TenantId, ShareChange>;

std::string_view to_string(TaskKind kind);

/// The table batch_queue and the shares by which it is claimed. Every call works within the
/// caller's transaction, in which it comes after jobs were locked: jobs, then queue, then shares.
class TaskQueue {
 public:
  TaskQueue(SqlText& sql, NodeLiveness& liveness) : sql_(sql), liveness_(liveness) {}

  struct Entry {
    TenantId tenant_id;
    JobId job_id;
    TaskKind kind = TaskKind::execute;
    BatchId batch_id;
    std::int64_t priority = 5;
    std::uint64_t sequence = 0;
    std::uint64_t records = 0;
    std::string node_affinity;
    /// Of a paused job: nobody claims it until release_job().
    bool held = false;
    /// Not ready before; microseconds of the store's clock.
    std::optional<std::int64_t> due_at = {};
  };
  /// One that is there already stays as it is.
  void add(database::Session& session, std::span<const Entry> entries, ShareChanges& changes);

  struct Key {
    TenantId tenant_id;
    JobId job_id;
    TaskKind kind = TaskKind::execute;
    BatchId batch_id;
  };
  void remove(database::Session& session, std::span<const Key> keys, ShareChanges& changes);
  void remove_jobs(database::Session& session, std::span<const JobReference> jobs,
                   ShareChanges& changes);

  /// Takes away what of the job is not leased by a node that is alive.
  void remove_idle(database::Session& session, TenantId tenant_id, JobId job_id,
                   ShareChanges& changes);
  /// Nothing of the job is claimed any more; leases stay.
  void hold_job(database::Session& session, TenantId tenant_id, JobId job_id,
                ShareChanges& changes);
  void release_job(database::Session& session, TenantId tenant_id, JobId job_id,
                   ShareChanges& changes);
  struct Counts {
    std::uint64_t tasks = 0;
    /// Leases that have run out included.
    std::uint64_t leased = 0;
  };
  Counts count(database::Session& session, TenantId tenant_id, JobId job_id);

  struct Return {
    Key key;
    std::chrono::milliseconds delay{0};
    bool counted = false;
  };
  /// From leased back to ready.
  void give_back(database::Session& session, std::span<const Return> returns);

  /// The plan or finish task of the job under this lease, locked; nullopt when it is another's.
  std::optional<Key> find_task(database::Session& session, TenantId tenant_id, JobId job_id,
                               LeaseToken token);
  struct Lease {
    JobReference job;
    LeaseToken token;
  };
  /// Those of the leases under which a task of their job is, of any kind; it is locked then.
  std::set<LeaseToken> find_leases(database::Session& session, std::span<const Lease> leases);

  struct NodeCleanup {
    std::vector<NodeId> dead;
  };
  /// Frees what nodes hold that are surely dead.
  void free_dead_nodes(database::Session& session, NodeId self, NodeCleanup& cleanup);
  std::vector<Task> claim(database::Session& session, const ClaimRequest& request,
                          ShareChanges& changes, NodeCleanup& cleanup, EventWriter& events);

  void apply(database::Session& session, const ShareChanges& changes);

  std::uint64_t count_batches(database::Session& session, TenantId tenant_id, JobId job_id);

 private:
  struct Claimed {
    Task task;
    std::uint64_t records = 0;
    double tag = 0;
    std::int64_t now = 0;
    /// The tenant has limits.
    bool limited = false;
  };
  /// What waits in a lane, leased work included; of tenants that may be claimed from.
  struct Waiting {
    std::uint64_t tenants = 0;
    std::uint64_t rows = 0;
  };
  struct Lanes {
    Waiting execute;
    Waiting other;
  };

  Lanes count_waiting(database::Session& session);
  std::vector<Claimed> select(database::Session& session, const ClaimRequest& request, int lane,
                              std::uint32_t limit, const Waiting& waiting);
  std::vector<Claimed> select_within(database::Session& session, const ClaimRequest& request,
                                     int lane, std::uint32_t limit, std::uint64_t tenants,
                                     std::uint64_t depth);
  /// Leaves out what is beyond its tenant's limits, and holds such tenants for a moment, so that
  /// what they have waiting is in nobody's way.
  void keep_limits(database::Session& session, std::vector<Claimed>& claimed,
                   ShareChanges& changes);
  void lease(database::Session& session, const ClaimRequest& request,
             std::vector<Claimed>& claimed);
  /// Of ordered jobs: what has an unfinished predecessor that is not this node's.
  void give_back_disordered(database::Session& session, const ClaimRequest& request,
                            std::vector<Claimed>& claimed);
  void start_jobs(database::Session& session, const std::vector<Claimed>& claimed,
                  EventWriter& events);
  void read_plan_positions(database::Session& session, std::vector<Claimed>& claimed);

  SqlText& sql_;
  NodeLiveness& liveness_;
};

}  // namespace freight::storage
