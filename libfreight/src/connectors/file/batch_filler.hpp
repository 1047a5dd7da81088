#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "connectors/file/record_format.hpp"

namespace freight::file {

/// Puts records into a batch that was cleared. Not thread-safe.
class BatchFiller {
 public:
  /// Both must outlive this. There will be at most `most` records.
  BatchFiller(const RecordFormat& format, RecordBatch& batch, std::size_t most)
      : batch_(batch), reader_(format.make_reader(batch)), columns_(format.layout()->size()) {
    batch.layout = format.layout();
    batch.records.reserve(most);
    batch.fields.resize(most * columns_);
  }

  void add(const SourceRecord& record, const ScannedRecord& place, const char* readable_end) {
    const std::size_t index = batch_.records.size();
    batch_.records.push_back(record);
    if (place.is_empty_line) return;  // Its only field is absent.
    const FoundRecord found{batch_.records.back(), place, readable_end};
    if (place.fault == ScanFault::none && reader_->read(found, index)) return;
    std::fill_n(batch_.fields.data() + index * columns_, columns_, SourceField{});
    batch_.records.back().parse_error = static_cast<std::int32_t>(batch_.errors.size());
    batch_.errors.push_back(reader_->error(found));
  }

 private:
  RecordBatch& batch_;
  std::unique_ptr<RecordReader> reader_;
  std::size_t columns_;
};

}  // namespace freight::file
