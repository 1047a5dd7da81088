#pragma once

#include <optional>

#include "freight/job_spec.hpp"
#include "freight/job_store.hpp"

namespace freight::engine {

/// The failure of a job whose sample was rejected to the last record, quoting the commonest reason;
/// nullopt when it was not, or when the spec allows it. `ended`: no more records will come, and the
/// sample is what there is, if that is more than a handful.
std::optional<Failure> all_rejected(const Job& job, const JobSpec& spec, bool ended,
                                    JobStore& store);

}  // namespace freight::engine
