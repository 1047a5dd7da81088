#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "connectors/csv/dialect.hpp"
#include "connectors/csv/field_splitter.hpp"
#include "connectors/csv/parse_fault.hpp"
#include "connectors/csv/record_scanner.hpp"
#include "connectors/file/input_file.hpp"
#include "connectors/file/sliding_window.hpp"
#include "freight/connector.hpp"

namespace freight::csv {

/// Reads the records of planned ranges. Immutable and thread-safe.
class RangeReader {
 public:
  struct Options {
    std::uint64_t max_record_bytes = 0;
    /// A range of more bytes is read in pieces and only what it needs is kept.
    std::uint64_t max_range_bytes = 0;
    /// The size of these pieces.
    std::size_t piece_bytes = file::SlidingWindow::default_piece;
  };
  using Names = std::shared_ptr<const std::vector<std::string>>;

  /// `file` must outlive this.
  RangeReader(const file::InputFile& file, const Dialect& dialect, Names names,
              const Options& options);

  /// See Source::read(). Each byte of the range is read once: what was hashed is what was parsed.
  void read(const BatchRange& range, RecordBatch& batch, const std::stop_token& stop) const;

 private:
  class Run;

  const file::InputFile& file_;
  Dialect dialect_;
  Names names_;
  Options options_;
  FieldSplitter splitter_;
};

}  // namespace freight::csv
