#pragma once

#include <span>
#include <string_view>

#include "freight/error.hpp"
#include "freight/ids.hpp"
#include "freight/sinks.hpp"

namespace freight::engine {

/// A line about a job: `message`, with the failure's own when there is one, and the ids and
/// `details` as fields.
void log_job(LogSink& log, LogLevel level, std::string_view message, TenantId tenant_id,
             JobId job_id, const Failure* failure = nullptr,
             std::span<const LogField> details = {});

}  // namespace freight::engine
