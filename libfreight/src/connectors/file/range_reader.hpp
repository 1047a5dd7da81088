#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <stop_token>

#include "connectors/file/input_file.hpp"
#include "connectors/file/record_format.hpp"
#include "connectors/file/sliding_window.hpp"
#include "freight/job_spec.hpp"
#include "freight/source.hpp"

namespace freight::file {

struct RangeReaderOptions {
  std::uint64_t max_record_bytes = 0;
  /// A range of more bytes is read in pieces and only what it needs is kept.
  std::uint64_t max_range_bytes = 0;
  /// The size of these pieces.
  std::size_t piece_bytes = SlidingWindow::default_piece;
};

/// What ranges need that were planned with `batch`.
RangeReaderOptions range_reader_options(const BatchSpec& batch, std::uint64_t max_record_bytes);

/// See Source::read(). Each byte of the range is read once: what was hashed is what was parsed.
/// Thread-safe.
void read_range(const InputFile& file, const RecordFormat& format,
                const RangeReaderOptions& options, const BatchRange& range, RecordBatch& batch,
                const std::stop_token& stop);

/// See Source::decode(). Thread-safe.
void decode_records(const RecordFormat& format, std::span<const RawRecord> records,
                    RecordBatch& batch, const std::stop_token& stop);

}  // namespace freight::file
