#pragma once

#include <chrono>
#include <optional>

#include "database/session.hpp"
#include "storage/sql/sql_text.hpp"

namespace freight::storage {

/// How far the storage's clock went back since it was last seen, at least; nullopt when it did not.
/// Looks at the times of claims and of heartbeats, which move on with all work.
std::optional<std::chrono::microseconds> clock_step_back(database::Session& session, SqlText& sql);

/// Lets leases, retries, deadlines and limits of pace wait from now on for as long as they had to
/// wait when they were written, and not until the clock is where it was. Times of the calendar
/// stay.
void forgive_clock_step(database::Session& session, SqlText& sql, std::chrono::microseconds step);

}  // namespace freight::storage
