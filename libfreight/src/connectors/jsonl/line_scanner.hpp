#pragma once

#include <cstdint>

#include "connectors/file/record_scanner.hpp"

namespace freight::jsonl {

/// Where the records of a JSONL file end: each line is one, but those of nothing but white space.
class LineScanner final : public file::RecordScanner {
 public:
  LineScanner(std::uint64_t max_record_bytes, const file::LineStart& start)
      : max_record_bytes_(max_record_bytes),
        position_(start.offset),
        line_(start.line),
        start_(start.offset) {}

  Step next(const file::Window& window, file::ScannedRecord& record) override;

  std::uint64_t position() const override { return position_; }
  std::uint64_t line() const override { return line_; }
  std::uint64_t record_start() const override { return start_; }
  bool is_discarding() const override;
  std::uint64_t work() const override { return work_; }

 private:
  void pass_space(const file::Window& window);
  Step finish(file::ScannedRecord& record, std::uint64_t content_end, std::uint64_t end);
  void begin_line(std::uint64_t offset);
  void go_to(std::uint64_t place);

  std::uint64_t max_record_bytes_;
  std::uint64_t position_;
  std::uint64_t line_;
  /// The line's first byte.
  std::uint64_t start_;
  /// Something else than white space stands in the line.
  bool is_record_ = false;
  /// The byte before position_ when that is not in the window.
  char previous_ = '\n';
  std::uint64_t work_ = 0;
};

}  // namespace freight::jsonl
