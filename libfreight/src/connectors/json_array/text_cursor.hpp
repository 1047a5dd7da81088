#pragma once

#include <cstddef>
#include <cstdint>
#include <stop_token>
#include <string>

#include "connectors/file/input_file.hpp"
#include "connectors/file/record_scanner.hpp"

namespace freight::json_array {

/// Reads a file byte by byte from a place on, in little memory. Not thread-safe.
class TextCursor {
 public:
  /// Ends at `end`, or where the file does. `file` and `stop` must outlive this.
  TextCursor(const file::InputFile& file, const file::LineStart& start, std::uint64_t end,
             const std::stop_token& stop);

  /// Nothing is left. Throws like InputFile::read, and cancelled.
  bool is_at_end();
  /// The byte to read next; NUL at the end.
  char peek();
  /// Passes over it.
  void pass();
  /// Passes over white space of JSON, then gives the byte to read next; NUL at the end.
  char peek_token();

  std::uint64_t offset() const { return offset_; }
  std::uint64_t line() const { return line_; }
  file::LineStart spot() const { return {.offset = offset_, .line = line_}; }
  /// `line 3 (byte 17)`; takes time with UTF-16.
  std::string place_of(const file::LineStart& spot) const;
  std::string place() const { return place_of(spot()); }

 private:
  const file::InputFile& file_;
  const std::stop_token& stop_;
  std::uint64_t offset_;
  std::uint64_t line_;
  std::uint64_t end_;
  std::string buffer_;
  std::uint64_t buffer_offset_;
};

}  // namespace freight::json_array
