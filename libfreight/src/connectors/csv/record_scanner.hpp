#pragma once

#include <cstdint>
#include <limits>

#include "connectors/csv/dialect.hpp"
#include "connectors/csv/stray_quote.hpp"
#include "connectors/file/record_scanner.hpp"

namespace freight::csv {

using file::LineStart;
using file::ScanFault;
using file::ScannedRecord;

/// Where the records of a CSV file end.
///
/// After a stray quote it goes back to the line that follows. The next quote that is opened there
/// is not before the one that closed the first, and a record with many quoted fields over several
/// lines is no reason to go back: so each byte is looked at a bounded number of times.
class RecordScanner final : public file::RecordScanner {
 public:
  struct Options {
    std::uint64_t max_record_bytes = std::numeric_limits<std::uint64_t>::max();
    /// Of a record; 0 when that is not known: then no quote is known for a stray one before the
    /// limit or the end of the file. With one column an empty line is a record.
    std::size_t columns = 0;
  };

  RecordScanner(const Dialect& dialect, const Options& options, const LineStart& start = {});

  Step next(const file::Window& window, ScannedRecord& record) override;

  std::uint64_t position() const override { return position_; }
  std::uint64_t line() const override { return line_; }
  std::uint64_t record_start() const override { return in_record() ? start_ : position_; }
  bool is_discarding() const override { return state_ == State::discard; }
  std::uint64_t work() const override { return work_; }

 private:
  enum class State : std::uint8_t {
    line_start,
    comment,
    field_start,   // only in dialects that are not simple
    plain,         // outside quotes
    plain_escape,  // after an escape outside quotes
    quoted,
    quoted_escape,
    quote_seen,  // within quotes, after a quote that may be the first of two
    discard,
  };
  /// How a state's work on a window came out.
  enum class Progress : std::uint8_t { go_on, record, more, end };

  bool in_record() const { return state_ != State::line_start && state_ != State::comment; }
  Progress at_window_end(const file::Window& window, ScannedRecord& record);
  Progress at_limit(const file::Window& window, ScannedRecord& record);
  Progress at_line_start(const file::Window& window, ScannedRecord& record);
  Progress in_comment(const file::Window& window);
  Progress in_plain_simple(const file::Window& window, ScannedRecord& record);
  Progress in_plain_careful(const file::Window& window, ScannedRecord& record);
  Progress at_field_start(const file::Window& window);
  Progress after_plain_escape(const file::Window& window);
  Progress in_quotes(const file::Window& window, ScannedRecord& record);
  bool pass_quote(const file::Window& window, const char* place, const char* end);
  Progress after_quoted_escape(const file::Window& window, ScannedRecord& record);
  Progress after_quote(const file::Window& window);
  Progress in_discard(const file::Window& window, ScannedRecord& record);
  Progress step(const file::Window& window, ScannedRecord& record);

  void begin_record();
  void open_quote();
  Progress pass_quoted_line_end(const file::Window& window, ScannedRecord& record);
  Progress give_up_quote(const file::Window& window, ScannedRecord& record);
  Progress finish_whole(const file::Window& window, ScannedRecord& record,
                        std::uint64_t content_end, std::uint64_t end);
  Progress finish_with_line_of(const LineCrossing& quote, ScannedRecord& record);
  bool finish_at_stray_quote(const file::Window& window, ScannedRecord& record);
  RecordShape shape() const { return {dialect_, columns_}; }
  Progress finish(ScannedRecord& record, std::uint64_t content_end, std::uint64_t end);
  std::uint64_t content_end(const file::Window& window, std::uint64_t line_end) const;
  const char* scan_end(const file::Window& window) const;
  char byte_before(const file::Window& window, std::uint64_t offset) const;
  void go_to(const file::Window& window, const char* place);

  Dialect dialect_;
  bool is_simple_;
  std::uint64_t max_record_bytes_;
  std::size_t columns_;

  State state_ = State::line_start;
  std::uint64_t position_;
  std::uint64_t line_;
  std::uint64_t work_ = 0;
  /// The byte before position_ when that is not in the window.
  char previous_ = '\n';

  // Of the record being looked at.
  std::uint64_t start_ = 0;
  std::uint64_t start_line_ = 0;
  /// The first byte that does not belong to a record of the greatest length.
  std::uint64_t limit_ = 0;
  bool has_quotes_ = false;
  bool has_misplaced_quote_ = false;
  ScanFault fault_ = ScanFault::none;
  LineCrossings crossings_;
  // Of the quote that is open, or was last; of the line end only when there was one since.
  LineCrossing quote_;
  bool quote_crosses_ = false;
};

}  // namespace freight::csv
