#pragma once

#include <span>
#include <string>
#include <string_view>

#include "freight/job.hpp"

namespace freight::daemon {

/// What became of a job, for people: where it wrote to, counts by outcome, the time at work, the
/// commonest rejects with an example each and how many more there are, the reconciliation, why it
/// failed, and the next command. `same_storage` is what that has to be told to find the job, such
/// as ` --storage sqlite:x.db`. Pure.
std::string summarise(const Job& job, std::span<const RejectGroup> rejects,
                      std::string_view same_storage = {});

}  // namespace freight::daemon
