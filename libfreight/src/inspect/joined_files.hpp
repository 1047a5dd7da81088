#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "connectors/file/spool/spool.hpp"
#include "freight/inspection.hpp"

namespace freight::inspect {

/// What there is to look at of several files.
struct JoinedFiles {
  /// The beginnings of files with one header as one text; without a file when only the first file
  /// can be looked at.
  spool::Spool::Beginning beginning;
  /// Of all files, in bytes.
  std::uint64_t size = 0;
  /// Each file is in the text as a whole.
  bool whole = false;
  /// In words, with the counts.
  std::string evidence;
};

/// Joins some of the files, from the first to the last, as the first one was found to be written.
/// Throws what opening a file throws.
JoinedFiles join_files(spool::Spool& spool, const std::vector<std::filesystem::path>& files,
                       const Inspection& first, const InspectionLimits& limits);

}  // namespace freight::inspect
