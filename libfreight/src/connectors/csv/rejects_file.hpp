#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "freight/record.hpp"

namespace freight::csv {

/// One row of a rejects file, as a person may have corrected it. Valid until the next call.
struct CorrectedRecord {
  /// Of the record in the job that rejected it.
  std::uint64_t ordinal = 0;
  /// Where the row begins in the rejects file, from 1; for messages.
  std::uint64_t line = 0;
  /// A field for each of columns(), escapes taken out; an empty unquoted one says nothing (NULL).
  std::span<const SourceField> fields;
  /// Why the row cannot be used: it has no fields and its ordinal says nothing then.
  std::optional<RecordError> error;
};

/// Reads a rejects file as Freight exports it, from its beginning to its end, in little memory. Not
/// thread-safe.
class RejectsFile {
 public:
  /// Throws Error(source_not_found, source_unreadable, duplicate_header), missing_header when it
  /// is no rejects file, and cancelled.
  explicit RejectsFile(const std::filesystem::path& path, std::stop_token stop = {});
  ~RejectsFile();
  RejectsFile(const RejectsFile&) = delete;
  RejectsFile& operator=(const RejectsFile&) = delete;

  /// The names of the source's columns.
  const std::vector<std::string>& columns() const;

  /// The next row; nullptr after the last. Throws Error(source_changed, cancelled).
  const CorrectedRecord* next();

 private:
  class Reading;
  std::unique_ptr<Reading> reading_;
};

}  // namespace freight::csv
