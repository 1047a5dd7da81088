#pragma once

#include <memory>

#include "freight/connector.hpp"

namespace freight::connectors {

/// A source over a CSV file. `spec.source` must be a CsvSourceSpec. Opens nothing before the first
/// call of describe(), fingerprint(), plan() or read(); then the file stays open, so all parts of a
/// job read one file even when another takes its name.
std::unique_ptr<Source> make_csv_source(const JobSpec& spec, JobId job_id);

}  // namespace freight::connectors
