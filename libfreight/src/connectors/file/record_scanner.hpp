#pragma once

#include <cstdint>

#include "connectors/file/input_file.hpp"
#include "connectors/file/window.hpp"

namespace freight::file {

/// What is wrong with a record whose end could not be found in the regular way.
enum class ScanFault : std::uint8_t {
  none,
  unterminated_quote,
  /// A quote that is closed, if at all, where the record is none; it was given up with the quote's
  /// line, as the next line is a record by itself.
  stray_quote,
  record_too_long,
  /// Of a text that is to be one record: something follows the first one.
  several_records,
  /// The next record begins right behind it, where the format wants a comma between them.
  missing_comma,
};

/// Where one record stands in the file.
struct ScannedRecord {
  std::uint64_t offset = 0;
  /// Without the line end.
  std::uint64_t length = 0;
  /// Where the next line begins.
  std::uint64_t end = 0;
  /// The line on which it begins.
  std::uint64_t line = 0;
  ScanFault fault = ScanFault::none;
  /// Of an unterminated or stray quote: where it was opened, and on which line.
  std::uint64_t quote_offset = 0;
  std::uint64_t quote_line = 0;
  /// An empty line, which is a record only where there is one column.
  bool is_empty_line = false;
  /// A quote stands in it. Not told in a dialect that is not simple.
  bool has_quotes = false;
  /// A good record over so many lines that a quote may be missing in it.
  bool is_long = false;
};

/// The first byte of a line.
struct LineStart {
  std::uint64_t offset = 0;
  std::uint64_t line = 1;
};

/// Decides where the records of a file end: of each format the only one that does, for planner,
/// header and executor alike. Works over any windows of the file that hold the record being looked
/// at, as long as it is one; keeps nothing of them but numbers. Looks at each byte a bounded number
/// of times, whatever the input. Not thread-safe.
class RecordScanner {
 public:
  enum class Step : std::uint8_t {
    record,  ///< the next record was found
    more,    ///< call again with a window that holds what is at position()
    end,     ///< nothing follows
  };

  virtual ~RecordScanner() = default;

  /// Goes on at position(). When that is neither in the window nor at its end the answer is `more`.
  virtual Step next(const Window& window, ScannedRecord& record) = 0;

  /// The byte to look at next.
  virtual std::uint64_t position() const = 0;
  /// The line on which position() is.
  virtual std::uint64_t line() const = 0;
  /// Where what may be a record begins; position() between records.
  virtual std::uint64_t record_start() const = 0;
  /// What is being looked at is no good record any more, and only its end is looked for: it is
  /// longer than max_record_bytes, and the scanner will not go back into it.
  virtual bool is_discarding() const = 0;
  /// How many bytes were looked at, those seen again included.
  virtual std::uint64_t work() const = 0;

  /// After Step::end at the end of the file: throws Error(source_unreadable) when a file must not
  /// end so, whatever its records are.
  virtual void check_end(const InputFile& file) const { static_cast<void>(file); }
};

}  // namespace freight::file
