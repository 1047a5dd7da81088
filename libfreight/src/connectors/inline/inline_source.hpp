#pragma once

#include <memory>

#include "freight/connector.hpp"

namespace freight::connectors {

/// A source over the records that stand in the spec itself. `spec.source` must be an
/// InlineSourceSpec. Its fields are the names of all records, in the order in which they first
/// occur.
std::unique_ptr<Source> make_inline_source(const JobSpec& spec, JobId job_id);

}  // namespace freight::connectors
