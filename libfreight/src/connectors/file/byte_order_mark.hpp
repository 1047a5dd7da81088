#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "connectors/file/input_file.hpp"
#include "freight/job_spec.hpp"

namespace freight::file {

/// How long the UTF-8 mark at the file's beginning is; 0 when there is none. Adds a warning when
/// the mark contradicts `encoding`. Throws Error(source_unreadable) for UTF-16, and for what is
/// packed and was not to be unpacked.
std::uint64_t byte_order_mark_size(const InputFile& file, Encoding encoding,
                                   std::vector<std::string>& warnings);

}  // namespace freight::file
