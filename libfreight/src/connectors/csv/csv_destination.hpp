#pragma once

#include <memory>

#include "freight/connector.hpp"

namespace freight::connectors {

/// A CSV file in the source's order, with a header unless the spec does without. Throws as
/// file::make_file_destination().
std::unique_ptr<Destination> make_csv_destination(const JobSpec& spec, JobId job_id);

}  // namespace freight::connectors
