#include "connectors/csv/record_scanner.hpp"

#include <algorithm>

#include "connectors/file/byte_search.hpp"

namespace freight::csv {

using file::find_any;
using file::find_byte;
using file::find_either;

namespace {

constexpr char carriage_return = '\r';
/// A record of more is worth a word: maybe a quote is not closed where it was meant to be.
constexpr std::uint64_t lines_of_long_record = 100;

}  // namespace

RecordScanner::RecordScanner(const Dialect& dialect, const Options& options, const LineStart& start)
    : dialect_(dialect),
      // Without quotes spaces hide no line end: only line ends matter.
      is_simple_(dialect.is_simple() || (!dialect.has_quote && !dialect.has_escape)),
      max_record_bytes_(options.max_record_bytes),
      columns_(options.columns),
      position_(start.offset),
      line_(start.line) {}

RecordScanner::Step RecordScanner::next(const file::Window& window, ScannedRecord& record) {
  // After an unterminated quote it goes back, maybe to before the window.
  if (position_ < window.offset || position_ > window.end()) return Step::more;
  Progress progress = Progress::go_on;
  while (progress == Progress::go_on) progress = step(window, record);
  if (progress == Progress::record) return Step::record;
  if (progress == Progress::end) return Step::end;
  previous_ = byte_before(window, position_);
  return Step::more;
}

RecordScanner::Progress RecordScanner::step(const file::Window& window, ScannedRecord& record) {
  if (state_ == State::line_start) return at_line_start(window, record);
  if (state_ == State::comment) return in_comment(window);
  if (state_ == State::discard) return in_discard(window, record);
  if (position_ == window.end()) return at_window_end(window, record);
  if (position_ >= limit_) return at_limit(window, record);
  switch (state_) {
    case State::plain:
      return is_simple_ ? in_plain_simple(window, record) : in_plain_careful(window, record);
    case State::quoted:
      return in_quotes(window, record);
    case State::quote_seen:
      return after_quote(window);
    case State::quoted_escape:
      return after_quoted_escape(window, record);
    case State::plain_escape:
      return after_plain_escape(window);
    default:
      return at_field_start(window);
  }
}

RecordScanner::Progress RecordScanner::at_line_start(const file::Window& window,
                                                     ScannedRecord& record) {
  if (position_ == window.end()) return window.is_last ? Progress::end : Progress::more;
  const char byte = *window.at(position_);
  std::uint64_t line_end_size = byte == dialect_.line_end ? 1 : 0;
  if (byte == carriage_return && line_end_size == 0) {
    if (position_ + 1 < window.end()) {
      if (*window.at(position_ + 1) == dialect_.line_end) line_end_size = 2;
    } else if (!window.is_last) {
      return Progress::more;
    }
  }
  if (line_end_size != 0) {
    work_ += line_end_size;
    if (columns_ != 1 || dialect_.skip_blank_records) {
      position_ += line_end_size;
      ++line_;
      return Progress::go_on;
    }
    begin_record();
    finish(record, position_, position_ + line_end_size);
    record.is_empty_line = true;
    return Progress::record;
  }
  if (dialect_.has_comment && byte == dialect_.comment) {
    state_ = State::comment;
    return Progress::go_on;
  }
  begin_record();
  limit_ = max_record_bytes_ > std::numeric_limits<std::uint64_t>::max() - start_
               ? std::numeric_limits<std::uint64_t>::max()
               : start_ + max_record_bytes_;
  state_ = is_simple_ ? State::plain : State::field_start;
  return Progress::go_on;
}

RecordScanner::Progress RecordScanner::in_comment(const file::Window& window) {
  const char* const end = window.data + window.size;
  const char* const found = find_byte(window.at(position_), end, dialect_.line_end);
  go_to(window, found);
  if (found == end) {
    if (!window.is_last) return Progress::more;
  } else {
    go_to(window, found + 1);
    ++line_;
  }
  state_ = State::line_start;
  return Progress::go_on;
}

RecordScanner::Progress RecordScanner::at_window_end(const file::Window& window,
                                                     ScannedRecord& record) {
  if (!window.is_last) return Progress::more;
  if (state_ == State::quoted || state_ == State::quoted_escape)
    return give_up_quote(window, record);
  return finish_whole(window, record, position_, position_);
}

RecordScanner::Progress RecordScanner::at_limit(const file::Window& window, ScannedRecord& record) {
  const char byte = *window.at(position_);
  const bool is_doubled_quote =
      state_ == State::quote_seen && dialect_.doubled_quotes && byte == dialect_.quote;
  if (state_ == State::quoted || state_ == State::quoted_escape || is_doubled_quote) {
    return give_up_quote(window, record);
  }
  // After an escape, too: there is no room left for what it would take.
  if (byte == dialect_.line_end)
    return finish_whole(window, record, content_end(window, position_), position_ + 1);
  if (byte == carriage_return) {
    if (position_ + 1 < window.end()) {
      if (*window.at(position_ + 1) == dialect_.line_end)
        return finish_whole(window, record, position_, position_ + 2);
    } else if (!window.is_last) {
      return Progress::more;
    }
  }
  fault_ = ScanFault::record_too_long;
  state_ = State::discard;
  return Progress::go_on;
}

RecordScanner::Progress RecordScanner::in_plain_simple(const file::Window& window,
                                                       ScannedRecord& record) {
  const char* const begin = window.at(position_);
  const char* const end = scan_end(window);
  const char* const found = dialect_.has_quote
                                ? find_either(begin, end, dialect_.line_end, dialect_.quote)
                                : find_byte(begin, end, dialect_.line_end);
  go_to(window, found);
  if (found == end) return Progress::go_on;
  if (*found == dialect_.line_end)
    return finish_whole(window, record, content_end(window, position_), position_ + 1);
  has_quotes_ = true;
  // Outside quotes every delimiter ends a field, so the byte before says what the quote is.
  if (position_ == start_ || byte_before(window, position_) == dialect_.delimiter) {
    open_quote();
  } else {
    has_misplaced_quote_ = true;
    go_to(window, found + 1);
  }
  return Progress::go_on;
}

RecordScanner::Progress RecordScanner::in_plain_careful(const file::Window& window,
                                                        ScannedRecord& record) {
  const char* const end = scan_end(window);
  const char* const found = find_any(window.at(position_), end, dialect_.line_end,
                                     dialect_.delimiter, dialect_.quote, dialect_.escape);
  go_to(window, found);
  if (found == end) return Progress::go_on;
  if (*found == dialect_.line_end)
    return finish_whole(window, record, content_end(window, position_), position_ + 1);
  if (*found == dialect_.escape) {
    state_ = State::plain_escape;
  } else if (*found == dialect_.delimiter) {
    state_ = State::field_start;
  } else {
    has_misplaced_quote_ = true;
  }
  go_to(window, found + 1);
  return Progress::go_on;
}

RecordScanner::Progress RecordScanner::at_field_start(const file::Window& window) {
  const char* const end = scan_end(window);
  const char* place = window.at(position_);
  if (dialect_.skip_initial_space) {
    while (place != end && *place == ' ') ++place;
    go_to(window, place);
    if (place == end) return Progress::go_on;
  }
  if (dialect_.has_quote && *place == dialect_.quote) {
    open_quote();
  } else {
    state_ = State::plain;
  }
  return Progress::go_on;
}

RecordScanner::Progress RecordScanner::after_plain_escape(const file::Window& window) {
  const char* place = window.at(position_);
  if (*place == carriage_return && dialect_.line_end != carriage_return) {
    // CRLF is one line end.
    if (position_ + 1 == window.end() && !window.is_last) return Progress::more;
    if (position_ + 1 < window.end() && place[1] == dialect_.line_end) ++place;
  }
  if (*place == dialect_.line_end) ++line_;
  state_ = State::plain;
  go_to(window, place + 1);
  return Progress::go_on;
}

RecordScanner::Progress RecordScanner::in_quotes(const file::Window& window,
                                                 ScannedRecord& record) {
  const char* const end = scan_end(window);
  while (true) {
    const char* const begin = window.at(position_);
    const char* const found = dialect_.has_escape
                                  ? find_any(begin, end, dialect_.line_end, dialect_.quote,
                                             dialect_.escape, dialect_.escape)
                                  : find_either(begin, end, dialect_.line_end, dialect_.quote);
    go_to(window, found);
    if (found == end) return Progress::go_on;
    if (*found == dialect_.line_end) {
      if (pass_quoted_line_end(window, record) == Progress::record) return Progress::record;
    } else if (*found == dialect_.quote) {
      if (!pass_quote(window, found, end)) return Progress::go_on;
    } else {
      state_ = State::quoted_escape;
      go_to(window, found + 1);
      return Progress::go_on;
    }
  }
}

/// Passes the quote at `place` and, where that is all there is to it, the doubled quote or the next
/// field's opening quote after it. False when the text is not within quotes any more, or may not
/// be.
bool RecordScanner::pass_quote(const file::Window& window, const char* place, const char* end) {
  const auto left = end - place;
  if (left > 1 && dialect_.doubled_quotes && place[1] == dialect_.quote) {
    go_to(window, place + 2);
    return true;
  }
  if (left > 2 && is_simple_ && place[1] == dialect_.delimiter && place[2] == dialect_.quote) {
    go_to(window, place + 2);
    open_quote();
    return true;
  }
  state_ = State::quote_seen;
  go_to(window, place + 1);
  return false;
}

RecordScanner::Progress RecordScanner::after_quoted_escape(const file::Window& window,
                                                           ScannedRecord& record) {
  const char* const place = window.at(position_);
  state_ = State::quoted;
  if (*place == dialect_.line_end) return pass_quoted_line_end(window, record);
  go_to(window, place + 1);
  return Progress::go_on;
}

RecordScanner::Progress RecordScanner::after_quote(const file::Window& window) {
  const char* const place = window.at(position_);
  if (dialect_.doubled_quotes && *place == dialect_.quote) {
    state_ = State::quoted;
    go_to(window, place + 1);
  } else {
    has_misplaced_quote_ |=
        *place != dialect_.delimiter && *place != dialect_.line_end && *place != carriage_return;
    state_ = State::plain;
  }
  return Progress::go_on;
}

RecordScanner::Progress RecordScanner::in_discard(const file::Window& window,
                                                  ScannedRecord& record) {
  const char* const end = window.data + window.size;
  const char* const found = find_byte(window.at(position_), end, dialect_.line_end);
  go_to(window, found);
  if (found != end) return finish(record, content_end(window, position_), position_ + 1);
  return window.is_last ? finish(record, position_, position_) : Progress::more;
}

void RecordScanner::begin_record() {
  start_ = position_;
  start_line_ = line_;
  has_quotes_ = false;
  has_misplaced_quote_ = false;
  fault_ = ScanFault::none;
  crossings_.clear();
}

void RecordScanner::open_quote() {
  state_ = State::quoted;
  has_quotes_ = true;
  quote_ = {.quote_offset = position_, .quote_line = line_};
  quote_crosses_ = false;
  ++position_;
  ++work_;
}

RecordScanner::Progress RecordScanner::pass_quoted_line_end(const file::Window& window,
                                                            ScannedRecord& record) {
  ++line_;
  if (!quote_crosses_) {
    quote_crosses_ = true;
    quote_.line_end = position_;
    const bool is_pair =
        dialect_.line_end != carriage_return && byte_before(window, position_) == carriage_return;
    quote_.line_end_size = is_pair ? 2 : 1;
    crossings_.add(quote_);
  }
  go_to(window, window.at(position_) + 1);
  // It is faulty whatever comes: to look for its end first would cost too much.
  if (has_misplaced_quote_ && finish_at_stray_quote(window, record)) return Progress::record;
  return Progress::go_on;
}

RecordScanner::Progress RecordScanner::give_up_quote(const file::Window& window,
                                                     ScannedRecord& record) {
  if (finish_at_stray_quote(window, record)) return Progress::record;
  fault_ = ScanFault::unterminated_quote;
  if (quote_crosses_) return finish_with_line_of(quote_, record);
  state_ = State::discard;
  return Progress::go_on;
}

/// Finishes the record with the line on which a quote was opened.
RecordScanner::Progress RecordScanner::finish_with_line_of(const LineCrossing& quote,
                                                           ScannedRecord& record) {
  line_ = quote.quote_line;
  return finish(record, quote.line_end + 1 - quote.line_end_size, quote.line_end + 1);
}

/// Finishes the record at its own end, unless a stray quote has brought it there.
RecordScanner::Progress RecordScanner::finish_whole(const file::Window& window,
                                                    ScannedRecord& record,
                                                    std::uint64_t content_end, std::uint64_t end) {
  if (!has_quotes_ && dialect_.passes_over(window.text(start_, content_end))) {
    // It ends as a record does, and is none.
    finish(record, content_end, end);
    return Progress::go_on;
  }
  if (!crossings_.any() || columns_ == 0) return finish(record, content_end, end);
  work_ += content_end - start_;
  const bool is_good = shape().fits(window.text(start_, content_end));
  if (!is_good && finish_at_stray_quote(window, record)) return Progress::record;
  finish(record, content_end, end);
  record.is_long = is_good && line_ - start_line_ > lines_of_long_record;
  return Progress::record;
}

/// False when there is none.
bool RecordScanner::finish_at_stray_quote(const file::Window& window, ScannedRecord& record) {
  if (columns_ == 0) return false;
  const auto stray = find_stray_quote(crossings_, shape(), window, limit_);
  if (!stray) return false;
  quote_ = *stray;
  fault_ = ScanFault::stray_quote;
  finish_with_line_of(quote_, record);
  return true;
}

RecordScanner::Progress RecordScanner::finish(ScannedRecord& record, std::uint64_t content_end,
                                              std::uint64_t end) {
  record = {.offset = start_,
            .length = content_end - start_,
            .end = end,
            .line = start_line_,
            .fault = fault_,
            .quote_offset = quote_.quote_offset,
            .quote_line = quote_.quote_line,
            .has_quotes = has_quotes_};
  position_ = end;
  ++line_;
  state_ = State::line_start;
  return Progress::record;
}

std::uint64_t RecordScanner::content_end(const file::Window& window, std::uint64_t line_end) const {
  const bool is_pair = dialect_.line_end != carriage_return && line_end > start_ &&
                       byte_before(window, line_end) == carriage_return;
  return is_pair ? line_end - 1 : line_end;
}

const char* RecordScanner::scan_end(const file::Window& window) const {
  return window.at(std::min(limit_, window.end()));
}

char RecordScanner::byte_before(const file::Window& window, std::uint64_t offset) const {
  return offset > window.offset ? *window.at(offset - 1) : previous_;
}

void RecordScanner::go_to(const file::Window& window, const char* place) {
  const std::uint64_t offset = window.offset + static_cast<std::uint64_t>(place - window.data);
  work_ += offset - position_;
  position_ = offset;
}

}  // namespace freight::csv
