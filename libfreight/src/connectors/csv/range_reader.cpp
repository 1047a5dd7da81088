#include "connectors/csv/range_reader.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "connectors/cancellation.hpp"
#include "core/hash.hpp"
#include "freight/error.hpp"

namespace freight::csv {
namespace {

/// Of a record that was too long to be held.
constexpr std::size_t most_kept = 64 * 1024;

}  // namespace

RangeReader::RangeReader(const file::InputFile& file, const Dialect& dialect, Names names,
                         const Options& options)
    : file_(file),
      dialect_(dialect),
      names_(std::move(names)),
      options_(options),
      splitter_(dialect, names_->size()) {}

/// The reading of one range.
class RangeReader::Run {
 public:
  Run(const RangeReader& reader, const BatchRange& range, RecordBatch& batch,
      const std::stop_token& stop)
      : reader_(reader),
        range_(range),
        batch_(batch),
        stop_(stop),
        columns_(reader.names_->size()),
        // The range may begin with lines that are no records, so lines count from its first record.
        scanner_(reader.dialect_, {.max_record_bytes = reader.options_.max_record_bytes,
                                   .empty_lines_are_records = columns_ == 1,
                                   .offset = range.byte_offset}) {}

  void run() {
    connectors::throw_if_cancelled(stop_);
    if (range_.byte_offset > reader_.file_.size() ||
        range_.byte_length > reader_.file_.size() - range_.byte_offset) {
      fail_changed("ends before it");
    }
    batch_.layout = reader_.names_;
    // Each record has at least a line end, so the plan cannot make this larger than the range.
    const auto records = static_cast<std::size_t>(std::min(range_.records, range_.byte_length + 1));
    batch_.records.reserve(records);
    batch_.fields.resize(records * columns_);
    if (range_.byte_length <= reader_.options_.max_range_bytes) {
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
  void read_whole() {
    const auto size = static_cast<std::size_t>(range_.byte_length);
    batch_.buffer.resize(size);
    reader_.file_.read(range_.byte_offset, batch_.buffer);
    hash_.update({batch_.buffer.data(), size});
    const file::Window window{
        .data = batch_.buffer.data(), .size = size, .offset = range_.byte_offset, .is_last = true};
    ScannedRecord record;
    while (scanner_.next(window, record) == RecordScanner::Step::record) {
      const std::string_view text = window.text(record.offset, record.offset + record.length);
      add(record, is_held(record) ? text : text.substr(0, most_kept), window.data + window.size);
    }
  }

  /// Of a range with records that are too long, or with much between its records.
  void read_in_pieces() {
    const auto& options = reader_.options_;
    file::SlidingWindow window(
        reader_.file_, {.begin = range_.byte_offset,
                        .end = range_.byte_offset + range_.byte_length,
                        // A record is given up before it fills this.
                        .capacity = static_cast<std::size_t>(options.max_record_bytes) + most_kept +
                                    2 * options.piece_bytes,
                        .piece = options.piece_bytes});
    ScannedRecord record;
    std::string_view head;
    bool has_head = false;
    while (true) {
      switch (scanner_.next(window.view(), record)) {
        case RecordScanner::Step::end:
          return;
        case RecordScanner::Step::record:
          if (!has_head) {
            const std::uint64_t size = is_held(record) ? record.length : most_kept;
            head = batch_.arena.copy(window.view().text(record.offset, record.offset + size));
          }
          has_head = false;
          add(record, head, head.data() + head.size());
          break;
        case RecordScanner::Step::more:
          connectors::throw_if_cancelled(stop_);
          if (scanner_.is_discarding() && !has_head && holds_head(window.view())) {
            head = batch_.arena.copy(window.view().text(scanner_.record_start(), head_end()));
            has_head = true;
          }
          hash_.update(window.advance(has_head ? scanner_.position() : scanner_.record_start(),
                                      scanner_.position()));
          break;
      }
    }
  }

  /// Where the part ends that is kept of a record that is being passed over.
  std::uint64_t head_end() const { return scanner_.record_start() + most_kept; }
  bool holds_head(const file::Window& view) const { return view.end() >= head_end(); }

  bool is_held(const ScannedRecord& record) const {
    return record.length <= reader_.options_.max_record_bytes || record.length <= most_kept;
  }

  void add(const ScannedRecord& scanned, std::string_view raw, const char* readable_end) {
    const std::size_t index = batch_.records.size();
    if (index == range_.records) fail_changed("holds more records there");
    if (index == 0) first_line_ = scanned.line;
    batch_.records.push_back({.ordinal = range_.first_ordinal + index,
                              .line = range_.first_line + (scanned.line - first_line_),
                              .byte_offset = scanned.offset,
                              .byte_length = scanned.length,
                              .raw = raw});
    if (scanned.is_empty_line) return;  // Its only field is absent.
    SourceField* const fields = batch_.fields.data() + index * columns_;
    const RecordText text{raw, readable_end, scanned.has_quotes};
    if (scanned.fault == ScanFault::none && reader_.splitter_.split(text, fields, batch_.arena)) {
      return;
    }
    std::fill_n(fields, columns_, SourceField{});
    add_error(scanned, raw);
  }

  void add_error(ScannedRecord scanned, std::string_view raw) {
    const FaultContext context{reader_.dialect_, *reader_.names_,
                               reader_.options_.max_record_bytes};
    scanned.quote_line = range_.first_line + (scanned.quote_line - first_line_);
    batch_.records.back().parse_error = static_cast<std::int32_t>(batch_.errors.size());
    batch_.errors.push_back(scanned.fault == ScanFault::none ? parse_fault(raw, context)
                                                             : scan_fault(scanned, raw, context));
  }

  [[noreturn]] void fail_changed(const std::string& what) const {
    throw Error(
        Code::source_changed,
        "The source " + reader_.file_.path().string() + " was changed: bytes " +
            std::to_string(range_.byte_offset) + " to " +
            std::to_string(range_.byte_offset + range_.byte_length) + " were planned as " +
            std::to_string(range_.records) + " records, but the file " + what,
        {.hint = "Do not change a file while a job reads it; submit it again as a new job."});
  }

  const RangeReader& reader_;
  const BatchRange& range_;
  RecordBatch& batch_;
  const std::stop_token& stop_;
  std::size_t columns_;
  RecordScanner scanner_;
  core::ContentHash hash_;
  std::uint64_t first_line_ = 0;
};

void RangeReader::read(const BatchRange& range, RecordBatch& batch,
                       const std::stop_token& stop) const {
  Run(*this, range, batch, stop).run();
}

}  // namespace freight::csv
