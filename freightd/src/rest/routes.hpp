#pragma once

#include <span>

#include "rest/call.hpp"

namespace freight::daemon::rest {

// The operations, by what they are about; each table is in the file of its name.

std::span<const Route> job_routes();
std::span<const Route> migration_routes();
std::span<const Route> outcome_routes();
std::span<const Route> retry_routes();
std::span<const Route> dead_letter_routes();
std::span<const Route> event_routes();
std::span<const Route> upload_routes();
std::span<const Route> inspect_routes();
std::span<const Route> connection_routes();
std::span<const Route> admin_routes();
std::span<const Route> operations_routes();
std::span<const Route> probe_route_table();
std::span<const Route> documentation_routes();

}  // namespace freight::daemon::rest
