#pragma once

#include <filesystem>
#include <memory>

#include "connectors/file_output/row_format.hpp"
#include "freight/destination.hpp"
#include "freight/job_spec.hpp"

namespace freight::file {

/// A destination that is one file: written beside its name in the source's order, and put in its
/// place by finish(). Throws Error(invalid_value) when the source is that file.
std::unique_ptr<Destination> make_file_destination(const JobSpec& spec, JobId job_id,
                                                   const std::filesystem::path& path,
                                                   std::unique_ptr<const RowFormat> format);

}  // namespace freight::file
