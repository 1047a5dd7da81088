#pragma once

#include <memory>

#include "freight/connector.hpp"

namespace freight::connectors {

/// A file::FileSource over a CSV file. `spec.source` must be a CsvSourceSpec.
std::unique_ptr<Source> make_csv_source(const JobSpec& spec, JobId job_id);

}  // namespace freight::connectors
