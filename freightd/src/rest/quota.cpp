#include "rest/quota.hpp"

#include <string>

#include "freight/storage.hpp"
#include "freight/tenant_limits.hpp"
#include "rest/problem.hpp"

namespace freight::daemon::rest {

void require_quota(const Call& call) {
  const TenantLimits& limits = call.tenant().limits;
  if (!limits.max_queued_jobs && !limits.records_per_day) return;
  const TenantUsage usage = call.jobs().usage(call.tenant_id());
  std::uint64_t queued = 0;
  for (const auto& [status, count] : usage.jobs) {
    if (status == JobStatus::scheduled || status == JobStatus::pending) queued += count;
  }
  if (limits.max_queued_jobs && queued >= *limits.max_queued_jobs) {
    throw Problem{.code = Code::quota_exceeded,
                  .detail = "the tenant has " + std::to_string(queued) +
                            " jobs waiting, as many as it may have (max_queued_jobs)"};
  }
  if (limits.records_per_day && usage.last_day.read >= *limits.records_per_day) {
    throw Problem{.code = Code::quota_exceeded,
                  .detail = "the tenant has moved " + std::to_string(usage.last_day.read) +
                            " records within a day, as many as it may (records_per_day)"};
  }
}

}  // namespace freight::daemon::rest
