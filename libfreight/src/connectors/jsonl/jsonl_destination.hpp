#pragma once

#include <memory>

#include "freight/connector.hpp"

namespace freight::connectors {

/// A file of JSON objects, one a line, in the source's order. Throws as
/// file::make_file_destination().
std::unique_ptr<Destination> make_jsonl_destination(const JobSpec& spec, JobId job_id);

}  // namespace freight::connectors
