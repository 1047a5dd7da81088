#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "connectors/file/input_file.hpp"
#include "connectors/file/record_scanner.hpp"
#include "connectors/file/sliding_window.hpp"
#include "freight/source.hpp"

namespace freight::file {

/// Where planning goes on: always the first byte of a record, or of what follows the header.
struct PlanPosition {
  std::uint64_t offset = 0;
  std::uint64_t line = 1;
  std::uint64_t ordinal = 0;

  LineStart line_start() const { return {.offset = offset, .line = line}; }

  /// With the size of the file, so that another file is noticed.
  std::string to_text(std::uint64_t file_size) const;
  /// Throws Error(newer_format, source_changed, internal).
  static PlanPosition from_text(std::string_view text, std::uint64_t file_size);
};

struct PlannerOptions {
  /// Of records in all.
  std::optional<std::uint64_t> limit;
  /// Of the last records of the file, which belong to no range.
  std::uint64_t footer_rows = 0;
  /// Of the file held in memory at once: one record, and twice what is read at a time.
  std::uint64_t max_record_bytes = 0;
  std::size_t piece_bytes = SlidingWindow::default_piece;
};

/// Cuts the next ranges from `position` on, where `scanner` begins. A range begins with its first
/// record and ends where the next range's first record begins, or the first of the footer's, or
/// with the file: lines that are no records belong to the range before them, and to the first range
/// when there is none before.
PlanChunk plan_ranges(const InputFile& file, RecordScanner& scanner, const PlannerOptions& options,
                      const PlanPosition& position, const PlanLimits& limits,
                      const std::stop_token& stop);

}  // namespace freight::file
