#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "connectors/file/input_file.hpp"
#include "connectors/file/record_scanner.hpp"
#include "freight/job_spec.hpp"

namespace freight::jsonl {

/// The keys of all records from `start` on, up to the limit, in the order in which they first
/// occur. Reads the file once, in little memory; records with a fault are passed over. Throws
/// Error(source_unreadable) when there are more than a table can have, and cancelled.
std::vector<std::string> discover_keys(const file::InputFile& file, const file::LineStart& start,
                                       const JsonlSourceSpec& source, const std::stop_token& stop);

}  // namespace freight::jsonl
