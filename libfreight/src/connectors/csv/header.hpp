#pragma once

#include <cstddef>
#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include "connectors/file/input_file.hpp"
#include "freight/job_spec.hpp"

namespace freight::csv {

/// What stands before a file's first record.
struct Header {
  /// Of the columns. Never empty, except for a file without header and records.
  std::vector<std::string> names;
  /// How many of the columns are those of a rejects file: all of them, or none.
  std::size_t passed_over = 0;
  /// How the file is to be read: as the spec says, but a rejects file as Freight writes it.
  CsvDialect dialect;
  Encoding encoding = Encoding::utf_8;
  /// Where the records begin: the first byte after the header's line end.
  std::uint64_t data_offset = 0;
  std::uint64_t data_line = 1;
  std::vector<std::string> warnings;
};

/// Tells a rejects file, as Freight wrote it or in the spec's dialect, by its header. Else passes
/// over byte order mark, skipped rows and comments, and reads the header. Without one, names
/// come from `headerNames`, else from the schema, else from the number of fields of the first
/// record. Throws Error(missing_header, duplicate_header, source_unreadable, cancelled).
Header read_header(const file::InputFile& file, const JobSpec& spec, const std::stop_token& stop);

}  // namespace freight::csv
