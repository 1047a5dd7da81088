#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/file/record_scanner.hpp"
#include "freight/record.hpp"

namespace freight::file {

/// The names of the fields, shared by all batches.
using Names = std::shared_ptr<const std::vector<std::string>>;

/// A record whose ends are known, between other bytes that may be read.
struct FoundRecord {
  /// Its place in the file and its raw text.
  const SourceRecord& record;
  /// What the scanner said of it; lines are the file's, offsets may be of another text.
  const ScannedRecord& place;
  /// Bytes up to here may be looked at without harm.
  const char* readable_end = nullptr;
};

/// Takes the records of one batch apart. Keeps its memory from record to record; not thread-safe.
class RecordReader {
 public:
  virtual ~RecordReader() = default;

  /// Fills the fields of the batch's record `index`, absent so far. False when something is wrong
  /// with it: what was filled is of no use then.
  virtual bool read(const FoundRecord& found, std::size_t index) = 0;
  /// What is wrong with the record that read() refused just now, or the scanner.
  virtual RecordError error(const FoundRecord& found) = 0;
};

/// How the records of a file are told apart and taken apart. Immutable and thread-safe.
class RecordFormat {
 public:
  virtual ~RecordFormat() = default;

  virtual const Names& layout() const = 0;
  virtual std::unique_ptr<RecordScanner> make_scanner(const LineStart& start) const = 0;
  /// `batch` outlives the reader.
  virtual std::unique_ptr<RecordReader> make_reader(RecordBatch& batch) const = 0;
  /// Of a text that is to be one record, as it was kept or corrected.
  virtual ScannedRecord scan_alone(std::string_view text) const = 0;
};

}  // namespace freight::file
