#include "connectors/file/range_planner.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <deque>
#include <vector>

#include "connectors/cancellation.hpp"
#include "core/hash.hpp"
#include "freight/error.hpp"

namespace freight::file {
namespace {

constexpr std::uint64_t position_version = 1;

/// Hashes a file from one place to the next: from the window as long as it is there, else by
/// reading again (of records that are larger than the window).
class RangeHash {
 public:
  RangeHash(const InputFile& file, const std::stop_token& stop, std::uint64_t offset)
      : file_(file), stop_(stop), offset_(offset) {}

  void go_to(const Window& window, std::uint64_t offset) {
    const std::uint64_t before_window = std::min(offset, window.offset);
    while (offset_ < before_window) read_again(before_window);
    if (offset_ >= window.offset && offset <= window.end()) {
      if (offset > offset_) hash_.update(window.text(offset_, offset));
      offset_ = std::max(offset_, offset);
    }
    while (offset_ < offset) read_again(offset);
  }

  /// The hash up to here; another range begins.
  std::string take() {
    std::string hex = hash_.hex();
    hash_.reset();
    return hex;
  }

 private:
  void read_again(std::uint64_t end) {
    connectors::throw_if_cancelled(stop_);
    buffer_.resize(piece_size);
    const std::span<char> piece(buffer_.data(), std::min<std::uint64_t>(piece_size, end - offset_));
    file_.read(offset_, piece);
    hash_.update({piece.data(), piece.size()});
    offset_ += piece.size();
  }

  static constexpr std::size_t piece_size = 256 * 1024;

  const InputFile& file_;
  const std::stop_token& stop_;
  std::uint64_t offset_;
  core::ContentHash hash_;
  std::vector<char> buffer_;
};

class Planner {
 public:
  Planner(const InputFile& file, RecordScanner& scanner, const PlannerOptions& options,
          const PlanPosition& position, const PlanLimits& limits, const std::stop_token& stop)
      : file_(file),
        file_size_(file.size()),
        options_(options),
        limits_(limits),
        stop_(stop),
        scanner_(scanner),
        window_(file, {.begin = position.offset,
                       .end = file.size(),
                       .capacity = window_capacity(options.max_record_bytes, options.piece_bytes),
                       .piece = options.piece_bytes}),
        hash_(file, stop, position.offset),
        next_(position) {
    range_ = {.first_ordinal = position.ordinal, .byte_offset = position.offset};
  }

  PlanChunk run() {
    chunk_.done = is_at_limit();
    ScannedRecord record;
    while (!chunk_.done && chunk_.ranges.size() < limits_.max_ranges) {
      switch (scanner_.next(window_.view(), record)) {
        case RecordScanner::Step::more:
          read_on();
          break;
        case RecordScanner::Step::end:
          scanner_.check_end(file_);
          close_range(footer_begin(), scanner_.line());
          chunk_.done = true;
          break;
        case RecordScanner::Step::record:
          meet({record, scanner_.line()});
          break;
      }
    }
    chunk_.position = next_.to_text(file_size_);
    return std::move(chunk_);
  }

 private:
  struct MetRecord {
    ScannedRecord place;
    /// On which the next record may begin.
    std::uint64_t next_line = 0;
  };

  /// Takes the record as soon as so many follow it that it cannot be one of the footer.
  void meet(const MetRecord& record) {
    if (options_.footer_rows == 0) return take(record);
    met_.push_back(record);
    if (met_.size() <= options_.footer_rows) return;
    take(met_.front());
    met_.pop_front();
  }

  /// At the end: where the ranges end.
  std::uint64_t footer_begin() const {
    return met_.empty() ? file_size_ : met_.front().place.offset;
  }

  bool is_at_limit() const {
    return options_.limit && range_.first_ordinal + range_.records >= *options_.limit;
  }

  void read_on() {
    connectors::throw_if_cancelled(stop_);
    // What is before the record that is being looked at belongs to this range for certain, and what
    // is before the first that may be of the footer.
    hash_.go_to(window_.view(), met_.empty() ? scanner_.record_start() : met_.front().place.offset);
    window_.advance(scanner_.record_start(), scanner_.position());
  }

  void take(const MetRecord& met) {
    const ScannedRecord& record = met.place;
    const bool is_full = range_.records >= limits_.max_records ||
                         record.end - range_.byte_offset > limits_.max_bytes;
    if (range_.records != 0 && is_full) {
      close_range(record.offset, record.line);
      if (chunk_.ranges.size() == limits_.max_ranges) return;
    }
    if (range_.records == 0) range_.first_line = record.line;
    ++range_.records;
    if (record.is_long) warn_of_long(met);
    if (is_at_limit()) {
      close_range(record.end, met.next_line);
      chunk_.done = true;
    }
  }

  void warn_of_long(const MetRecord& met) {
    const std::uint64_t lines = met.next_line - met.place.line;
    chunk_.warnings.push_back("The record on line " + std::to_string(met.place.line) + " spans " +
                              std::to_string(lines) +
                              " lines: is a quote in it that was not meant to be one?");
  }

  void close_range(std::uint64_t end, std::uint64_t line) {
    if (range_.records == 0) return;
    hash_.go_to(window_.view(), end);
    range_.byte_length = end - range_.byte_offset;
    range_.content_hash = hash_.take();
    next_ = {.offset = end, .line = line, .ordinal = range_.first_ordinal + range_.records};
    chunk_.ranges.push_back(std::move(range_));
    range_ = {.first_ordinal = next_.ordinal, .byte_offset = end};
  }

  const InputFile& file_;
  std::uint64_t file_size_;
  const PlannerOptions& options_;
  const PlanLimits& limits_;
  const std::stop_token& stop_;
  RecordScanner& scanner_;
  SlidingWindow window_;
  RangeHash hash_;
  PlanPosition next_;
  BatchRange range_;
  /// The last that the scanner found, as many as the footer may have.
  std::deque<MetRecord> met_;
  PlanChunk chunk_;
};

}  // namespace

std::string PlanPosition::to_text(std::uint64_t file_size) const {
  return std::to_string(position_version) + " " + std::to_string(offset) + " " +
         std::to_string(line) + " " + std::to_string(ordinal) + " " + std::to_string(file_size);
}

PlanPosition PlanPosition::from_text(std::string_view text, std::uint64_t file_size) {
  std::array<std::uint64_t, 5> numbers{};
  const char* place = text.data();
  const char* const end = text.data() + text.size();
  bool is_sound = true;
  for (std::size_t index = 0; index < numbers.size() && is_sound; ++index) {
    if (index != 0) is_sound = place != end && *place++ == ' ';
    const auto [stop, error] = std::from_chars(place, end, numbers[index]);
    is_sound = is_sound && error == std::errc();
    place = stop;
    if (index == 0 && is_sound && numbers[0] > position_version) {
      throw Error(Code::newer_format,
                  "The plan's position is of format " + std::to_string(numbers[0]) +
                      "; this Freight knows formats up to " + std::to_string(position_version),
                  {.hint = "Go on with the Freight that began the job."});
    }
  }
  if (!is_sound || place != end || numbers[0] != position_version) {
    throw Error(Code::internal, "The plan's position is not one of a file");
  }
  if (numbers[4] != file_size || numbers[1] > file_size) {
    throw Error(Code::source_changed, "The source had " + std::to_string(numbers[4]) +
                                          " bytes when its planning began and has " +
                                          std::to_string(file_size) + " now");
  }
  return {.offset = numbers[1], .line = numbers[2], .ordinal = numbers[3]};
}

PlanChunk plan_ranges(const InputFile& file, RecordScanner& scanner, const PlannerOptions& options,
                      const PlanPosition& position, const PlanLimits& limits,
                      const std::stop_token& stop) {
  return Planner(file, scanner, options, position, limits, stop).run();
}

}  // namespace freight::file
