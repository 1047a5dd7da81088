#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "connectors/file/input_file.hpp"
#include "connectors/file/record_scanner.hpp"
#include "connectors/json/object_format.hpp"
#include "freight/job_spec.hpp"

namespace freight::json {

/// Whether the keys of all records must be known: they become the columns, or are what names are
/// matched with.
bool keys_must_be_known(const JobSpec& spec);

/// The keys of all records that `scanner` finds, up to `limit` records, in the order in which they
/// first occur. Reads the file once, in little memory; records with a fault are passed over. Throws
/// Error(source_unreadable) when there are more than a table can have, and cancelled.
std::vector<std::string> discover_keys(const file::InputFile& file, file::RecordScanner& scanner,
                                       const RecordText& text, std::optional<std::uint64_t> limit,
                                       const std::stop_token& stop);

}  // namespace freight::json
