#pragma once

#include "freight/tenant_store.hpp"

namespace freight {

/// @addtogroup asking
/// @{

/// Calls `call(name, limit)` for every limit, by the name that storage and REST have for it.
/// `limits` is TenantLimits, const or not.
template <typename Limits, typename Call>
void for_each_limit(Limits& limits, const Call& call) {
  call("max_running_jobs", limits.max_running_jobs);
  call("max_queued_jobs", limits.max_queued_jobs);
  call("max_running_batches", limits.max_running_batches);
  call("records_per_day", limits.records_per_day);
  call("records_per_second", limits.records_per_second);
  call("requests_per_second", limits.requests_per_second);
  call("upload_bytes", limits.upload_bytes);
}

/// @}

}  // namespace freight
