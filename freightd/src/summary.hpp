#pragma once

#include <span>
#include <string>

#include "freight/job.hpp"

namespace freight::daemon {

/// What became of a job, for people: counts by outcome, time, the commonest rejects with an example
/// each, the reconciliation and why it failed. Pure.
std::string summarise(const Job& job, std::span<const RejectGroup> rejects);

}  // namespace freight::daemon
