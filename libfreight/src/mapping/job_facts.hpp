#pragma once

#include <optional>
#include <string>

#include "freight/ids.hpp"
#include "freight/job_spec.hpp"
#include "freight/time.hpp"

namespace freight::mapping {

/// What `system` columns say of the job; the same for every batch of it and after every resume.
struct JobFacts {
  JobId job_id = {};
  /// When it began for the first time, as storage has it; NULL in the rows when it is unknown.
  std::optional<Timestamp> started_at = {};
};

/// What the job reads, for `"system": "source"`: the absolute path of a file, the table of an SQL
/// source, or else the source's type; of several files each record names its own instead. Without
/// what `${env:NAME}` stands for.
std::string source_name(const JobSpec& spec);

}  // namespace freight::mapping
