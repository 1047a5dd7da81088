#include "connectors/file/range_reader.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "connectors/cancellation.hpp"
#include "connectors/file/batch_filler.hpp"
#include "connectors/file/source_places.hpp"
#include "core/hash.hpp"
#include "core/kept_text.hpp"
#include "freight/error.hpp"

namespace freight::file {
namespace {

using core::most_kept_text;

/// The reading of one range.
class RangeReading {
 public:
  RangeReading(const InputFile& file, const RecordFormat& format, const RangeReaderOptions& options,
               const BatchRange& range, RecordBatch& batch, const std::stop_token& stop)
      : file_(file),
        options_(options),
        range_(range),
        batch_(batch),
        stop_(stop),
        // Each record has at least a line end, so the plan cannot make this larger than the range.
        filler_(format, batch,
                static_cast<std::size_t>(std::min(range.records, sound_length(file, range) + 1))),
        // The range may begin with lines that are no records, so lines count from its first record.
        scanner_(format.make_scanner({.offset = range.byte_offset})) {}

  void run() {
    connectors::throw_if_cancelled(stop_);
    if (sound_length(file_, range_) != range_.byte_length) fail_changed("ends before it");
    if (range_.byte_length <= options_.max_range_bytes) {
      read_whole();
    } else {
      read_in_pieces();
    }
    if (hash_.hex() != range_.content_hash) fail_changed("holds other bytes there");
    if (batch_.records.size() != range_.records) {
      fail_changed("holds " + std::to_string(batch_.records.size()) + " records there");
    }
  }

 private:
  /// How much of the range the file has.
  static std::uint64_t sound_length(const InputFile& file, const BatchRange& range) {
    if (range.byte_offset > file.size()) return 0;
    return std::min(range.byte_length, file.size() - range.byte_offset);
  }

  void read_whole() {
    const auto size = static_cast<std::size_t>(range_.byte_length);
    batch_.buffer.resize(size);
    file_.read(range_.byte_offset, batch_.buffer);
    hash_.update({batch_.buffer.data(), size});
    const Window window{
        .data = batch_.buffer.data(), .size = size, .offset = range_.byte_offset, .is_last = true};
    ScannedRecord record;
    while (scanner_->next(window, record) == RecordScanner::Step::record) {
      const std::string_view text = window.text(record.offset, record.offset + record.length);
      add(record, is_held(record) ? text : text.substr(0, most_kept_text),
          window.data + window.size);
    }
  }

  /// Of a range with records that are too long, or with much between its records.
  void read_in_pieces() {
    SlidingWindow window(file_, {.begin = range_.byte_offset,
                                 .end = range_.byte_offset + range_.byte_length,
                                 // A record is given up before it fills this.
                                 .capacity = static_cast<std::size_t>(options_.max_record_bytes) +
                                             most_kept_text + 2 * options_.piece_bytes,
                                 .piece = options_.piece_bytes});
    ScannedRecord record;
    while (true) {
      switch (scanner_->next(window.view(), record)) {
        case RecordScanner::Step::end:
          return;
        case RecordScanner::Step::record:
          add_copy_of(record, window.view());
          break;
        case RecordScanner::Step::more:
          connectors::throw_if_cancelled(stop_);
          keep_head(window.view());
          hash_.update(window.advance(
              has_head(scanner_->record_start()) ? scanner_->position() : scanner_->record_start(),
              scanner_->position()));
          break;
      }
    }
  }

  void add_copy_of(ScannedRecord& record, const Window& view) {
    std::string_view raw = head_;
    if (!has_head(record.offset)) {
      raw = view.text(record.offset,
                      record.offset + (is_held(record) ? record.length : most_kept_text));
    }
    raw = batch_.arena.copy(raw);
    head_of_.reset();
    add(record, raw, raw.data() + raw.size());
  }

  /// The beginning is kept of what is being passed over, in case that it is a record.
  void keep_head(const Window& view) {
    const std::uint64_t begin = scanner_->record_start();
    const std::uint64_t end = begin + most_kept_text;
    if (!scanner_->is_discarding() || has_head(begin) || view.end() < end) return;
    head_ = view.text(begin, end);
    head_of_ = begin;
  }

  bool has_head(std::uint64_t record_offset) const { return head_of_ == record_offset; }

  bool is_held(const ScannedRecord& record) const {
    return record.length <= options_.max_record_bytes || record.length <= most_kept_text;
  }

  void add(ScannedRecord& place, std::string_view raw, const char* readable_end) {
    const std::size_t index = batch_.records.size();
    if (index == range_.records) fail_changed("holds more records there");
    if (index == 0) first_line_ = place.line;
    place.line = range_.first_line + (place.line - first_line_);
    place.quote_line = range_.first_line + (place.quote_line - first_line_);
    const std::uint64_t begin = places_.at(place.offset);
    filler_.add({.ordinal = range_.first_ordinal + index,
                 .line = place.line,
                 .byte_offset = begin,
                 .byte_length = places_.at(place.offset + place.length) - begin,
                 .raw = raw},
                place, readable_end);
  }

  [[noreturn]] void fail_changed(const std::string& what) const {
    throw Error(
        Code::source_changed,
        "The source " + file_.path().string() + " was changed: bytes " +
            std::to_string(range_.byte_offset) + " to " +
            std::to_string(range_.byte_offset + range_.byte_length) + " were planned as " +
            std::to_string(range_.records) + " records, but the file " + what,
        {.hint = "Do not change a file while a job reads it; submit it again as a new job."});
  }

  const InputFile& file_;
  const RangeReaderOptions& options_;
  const BatchRange& range_;
  RecordBatch& batch_;
  const std::stop_token& stop_;
  BatchFiller filler_;
  std::unique_ptr<RecordScanner> scanner_;
  core::ContentHash hash_;
  SourcePlaces places_{file_};
  std::uint64_t first_line_ = 0;
  std::string head_;
  std::optional<std::uint64_t> head_of_;
};

}  // namespace

RangeReaderOptions range_reader_options(const BatchSpec& batch, std::uint64_t max_record_bytes) {
  // A range is larger than both only for what need not be kept.
  return {.max_record_bytes = max_record_bytes,
          .max_range_bytes = std::max(batch.max_bytes, max_record_bytes) + most_kept_text};
}

void read_range(const InputFile& file, const RecordFormat& format,
                const RangeReaderOptions& options, const BatchRange& range, RecordBatch& batch,
                const std::stop_token& stop) {
  RangeReading(file, format, options, range, batch, stop).run();
}

void decode_records(const RecordFormat& format, std::span<const RawRecord> records,
                    RecordBatch& batch, const std::stop_token& stop) {
  BatchFiller filler(format, batch, records.size());
  for (const RawRecord& record : records) {
    connectors::throw_if_cancelled(stop);
    std::string_view raw = batch.arena.copy(record.raw);
    ScannedRecord place = format.scan_alone(raw);
    // A text may have got a line end of its own when it was corrected.
    if (place.fault == ScanFault::none) raw = raw.substr(0, place.length);
    place.quote_line += record.line - std::min<std::uint64_t>(record.line, 1);
    filler.add({.ordinal = record.ordinal,
                .line = record.line,
                .byte_offset = record.byte_offset,
                .byte_length = raw.size(),
                .raw = raw},
               place, raw.data() + raw.size());
  }
}

}  // namespace freight::file
