#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "connectors/csv/dialect.hpp"
#include "connectors/file/window.hpp"

namespace freight::csv {

/// A quoted field that goes over a line end.
struct LineCrossing {
  /// Where its quote was opened, and on which line.
  std::uint64_t quote_offset = 0;
  std::uint64_t quote_line = 0;
  /// The end of that line: its last byte, and the length of it (2 for CRLF).
  std::uint64_t line_end = 0;
  std::uint64_t line_end_size = 1;
};

/// The first such fields of one record. Of a record with more than are kept none is told: going
/// back to them would cost more than a bounded number of looks at each byte.
class LineCrossings {
 public:
  void clear() { count_ = 0; }
  void add(const LineCrossing& crossing) {
    if (count_ < kept_.size()) kept_[count_] = crossing;
    ++count_;
  }
  bool any() const { return count_ != 0; }
  std::span<const LineCrossing> found() const {
    return {kept_.data(), count_ > kept_.size() ? 0 : count_};
  }

 private:
  std::array<LineCrossing, 16> kept_{};
  std::size_t count_ = 0;
};

/// What a record of a file looks like.
struct RecordShape {
  const Dialect& dialect;
  std::size_t columns;

  /// Whether `text` is one good record, as far as quotes and the number of fields go.
  bool fits(std::string_view text) const;
};

/// Of a record that is faulty: the first quote of `crossings` that is a stray one, because the line
/// after it is a good record by itself. `window` holds the record; a line that ends neither before
/// `limit` nor with the file is none.
std::optional<LineCrossing> find_stray_quote(const LineCrossings& crossings,
                                             const RecordShape& shape, const file::Window& window,
                                             std::uint64_t limit);

}  // namespace freight::csv
