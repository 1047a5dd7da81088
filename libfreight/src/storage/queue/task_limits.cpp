#include <algorithm>
#include <chrono>
#include <set>

#include "database/query.hpp"
#include "storage/queue/task_queue.hpp"

// The part of TaskQueue that keeps tenants within their limits. Nodes that claim at the very same
// instant may together exceed a limit for a moment; a tenant pays for it by waiting longer.

namespace freight::storage {
namespace {

using database::Query;
using database::Session;

constexpr std::string_view select_limits =
    "SELECT max_jobs, max_batches, records_per_second FROM freight.tenant_shares"
    " WHERE tenant_id = @uuid(:tenant)";
constexpr std::string_view count_leased =
    "SELECT count(*) FROM freight.batch_queue WHERE tenant_id = @uuid(:tenant)"
    " AND kind = 'execute' AND lease_token IS NOT NULL AND due_at > @now";
constexpr std::string_view select_running =
    "SELECT job_id FROM freight.migration_jobs WHERE tenant_id = @uuid(:tenant)"
    " AND status IN ('running', 'cancelling')";

/// How long a tenant is passed over that is at a limit: short enough not to be noticed when one of
/// its batches ends, long enough not to be looked at with every claim.
constexpr std::int64_t pause = 100'000;
constexpr double microseconds = 1e6;

/// What one tenant may still be given.
class Room {
 public:
  Room(Session& session, SqlText& sql, TenantId tenant_id) {
    const std::string tenant = tenant_id.to_string();
    Query limits(session, sql(select_limits));
    limits.with("tenant", tenant).into(max_jobs_).into(max_batches_).into(records_per_second_);
    limits.next();
    if (max_batches_) {
      Query leased(session, sql(count_leased));
      leased.with("tenant", tenant).into(batches_);
      leased.next();
    }
    if (!max_jobs_) return;
    std::string job;
    Query running(session, sql(select_running));
    running.with("tenant", tenant).into(job);
    while (running.next()) jobs_.insert(JobId::parse(job).value_or(JobId()));
  }

  /// True, and counted, when the task is within the limits.
  bool take(const Task& task, std::uint64_t records) {
    const bool is_batch = task.kind == TaskKind::execute;
    const bool job_fits = !max_jobs_ || jobs_.contains(task.job_id) || jobs_.size() < *max_jobs_;
    const bool batch_fits = !is_batch || !max_batches_ || batches_ < *max_batches_;
    // A batch that is begun is worked off whole, however many records it has; then is time to wait.
    const bool pace_fits = !is_batch || !records_per_second_ || records_ < *records_per_second_;
    if (!job_fits || !batch_fits || !pace_fits) return false;
    if (max_jobs_) jobs_.insert(task.job_id);
    if (is_batch) {
      ++batches_;
      records_ += records;
    }
    return true;
  }

  /// How long the tenant waits after it was given this; 0 when it need not.
  std::int64_t wait(bool refused) const {
    std::int64_t wait = refused ? pause : 0;
    if (records_per_second_ && records_ > 0) {
      const auto rate = static_cast<double>(std::max<std::uint64_t>(*records_per_second_, 1));
      const double paced = static_cast<double>(records_) / rate * microseconds;
      wait = std::max(wait, static_cast<std::int64_t>(paced));
    }
    return wait;
  }

 private:
  std::optional<std::uint64_t> max_jobs_;
  std::optional<std::uint64_t> max_batches_;
  std::optional<std::uint64_t> records_per_second_;
  std::set<JobId> jobs_;
  std::uint64_t batches_ = 0;
  std::uint64_t records_ = 0;
};

}  // namespace

void TaskQueue::keep_limits(Session& session, std::vector<Claimed>& claimed,
                            ShareChanges& changes) {
  std::map<TenantId, Room> rooms;
  std::map<TenantId, bool> refused;
  for (const Claimed& item : claimed) {
    const TenantId tenant = item.task.tenant_id;
    if (item.limited && !rooms.contains(tenant)) rooms.emplace(tenant, Room(session, sql_, tenant));
  }
  if (rooms.empty()) return;
  const std::int64_t now = claimed.front().now;
  std::erase_if(claimed, [&](const Claimed& item) {
    const auto room = rooms.find(item.task.tenant_id);
    if (room == rooms.end() || room->second.take(item.task, item.records)) return false;
    refused[item.task.tenant_id] = true;
    return true;
  });
  for (const auto& [tenant, room] : rooms) {
    const std::int64_t wait = room.wait(refused[tenant]);
    if (wait > 0) changes[tenant].held_until = now + wait;
  }
}

}  // namespace freight::storage
