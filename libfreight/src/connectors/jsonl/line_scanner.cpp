#include "connectors/jsonl/line_scanner.hpp"

#include "connectors/file/byte_search.hpp"

namespace freight::jsonl {

LineScanner::Step LineScanner::next(const file::Window& window, file::ScannedRecord& record) {
  if (position_ < window.offset || position_ > window.end()) return Step::more;
  if (!is_record_) pass_space(window);
  const char* const end = window.data + window.size;
  const char* const begin = window.data + (position_ - window.offset);
  const char* const found = is_record_ ? file::find_byte(begin, end, '\n') : end;
  const std::uint64_t place = window.offset + static_cast<std::uint64_t>(found - window.data);
  const char before = place > window.offset ? found[-1] : previous_;
  go_to(place);
  if (found != end) {
    const bool is_pair = place > start_ && before == '\r';
    return finish(record, is_pair ? place - 1 : place, place + 1);
  }
  previous_ = before;
  if (!window.is_last) return Step::more;
  return is_record_ ? finish(record, place, place) : Step::end;
}

bool LineScanner::is_discarding() const {
  // A carriage return may belong to the line end.
  return position_ - start_ > max_record_bytes_ && position_ - start_ - 1 > max_record_bytes_;
}

/// Passes over blank lines, up to the first byte of something else.
void LineScanner::pass_space(const file::Window& window) {
  const char* const end = window.data + window.size;
  for (const char* place = window.data + (position_ - window.offset); place != end; ++place) {
    const std::uint64_t offset = window.offset + static_cast<std::uint64_t>(place - window.data);
    if (*place == '\n') {
      begin_line(offset + 1);
    } else if (*place != ' ' && *place != '\t' && *place != '\r') {
      go_to(offset);
      is_record_ = true;
      return;
    }
  }
  go_to(window.end());
}

LineScanner::Step LineScanner::finish(file::ScannedRecord& record, std::uint64_t content_end,
                                      std::uint64_t end) {
  const std::uint64_t length = content_end - start_;
  record = {.offset = start_,
            .length = length,
            .end = end,
            .line = line_,
            .fault = length > max_record_bytes_ ? file::ScanFault::record_too_long
                                                : file::ScanFault::none};
  begin_line(end);
  return Step::record;
}

void LineScanner::begin_line(std::uint64_t offset) {
  go_to(offset);
  start_ = offset;
  is_record_ = false;
  ++line_;
}

void LineScanner::go_to(std::uint64_t place) {
  work_ += place - position_;
  position_ = place;
}

}  // namespace freight::jsonl
