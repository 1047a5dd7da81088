#include "connectors/json_array/text_cursor.hpp"

#include <algorithm>

#include "connectors/cancellation.hpp"
#include "connectors/file/source_places.hpp"

namespace freight::json_array {
namespace {

constexpr std::uint64_t cursor_piece = std::uint64_t{256} * 1024;

}  // namespace

TextCursor::TextCursor(const file::InputFile& file, const file::LineStart& start, std::uint64_t end,
                       const std::stop_token& stop)
    : file_(file),
      stop_(stop),
      offset_(start.offset),
      line_(start.line),
      end_(std::min(end, file.size())),
      buffer_offset_(start.offset) {}

bool TextCursor::is_at_end() {
  if (offset_ >= end_) return true;
  if (offset_ >= buffer_offset_ + buffer_.size()) {
    connectors::throw_if_cancelled(stop_);
    buffer_.resize(static_cast<std::size_t>(std::min(cursor_piece, end_ - offset_)));
    file_.read(offset_, buffer_);
    buffer_offset_ = offset_;
  }
  return false;
}

char TextCursor::peek() {
  return is_at_end() ? '\0' : buffer_[static_cast<std::size_t>(offset_ - buffer_offset_)];
}

void TextCursor::pass() {
  if (peek() == '\n') ++line_;
  ++offset_;
}

char TextCursor::peek_token() {
  char byte = peek();
  while (byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r') {
    pass();
    byte = peek();
  }
  return byte;
}

std::string TextCursor::place_of(const file::LineStart& spot) const {
  return "line " + std::to_string(spot.line) + " (byte " +
         std::to_string(file::SourcePlaces(file_).at(spot.offset)) + ")";
}

}  // namespace freight::json_array
