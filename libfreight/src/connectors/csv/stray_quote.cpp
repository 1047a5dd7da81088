#include "connectors/csv/stray_quote.hpp"

#include <algorithm>

#include "connectors/csv/field_cursor.hpp"
#include "connectors/file/byte_search.hpp"

namespace freight::csv {
namespace {

/// The line that begins at `begin`, without its end; nullopt when that is not to be seen.
std::optional<std::string_view> line_at(const file::Window& window, std::uint64_t begin,
                                        std::uint64_t limit, char line_end) {
  const std::uint64_t last = std::min(limit, window.end());
  if (begin >= last) return std::nullopt;
  std::string_view line = window.text(begin, last);
  const char* const end = file::find_byte(line.data(), line.data() + line.size(), line_end);
  const auto length = static_cast<std::size_t>(end - line.data());
  if (length == line.size() && !(window.is_last && last == window.end())) return std::nullopt;
  const bool has_end = length != line.size();
  line = line.substr(0, length);
  if (has_end && line_end == '\n' && line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

bool is_record(std::string_view line, const RecordShape& shape) {
  if (shape.dialect.passes_over(line)) return false;
  if (line.empty()) return shape.columns == 1;
  if (shape.dialect.has_comment && line.front() == shape.dialect.comment) return false;
  return shape.fits(line);
}

}  // namespace

bool RecordShape::fits(std::string_view text) const {
  FieldCursor cursor(dialect, text);
  FieldSlice field;
  std::size_t count = 0;
  while (cursor.next(field)) {
    if (field.is_misplaced || field.is_open) return false;
    if (count == columns) return cursor.is_trailing(field);
    ++count;
  }
  return count == columns;
}

std::optional<LineCrossing> find_stray_quote(const LineCrossings& crossings,
                                             const RecordShape& shape, const file::Window& window,
                                             std::uint64_t limit) {
  for (const LineCrossing& crossing : crossings.found()) {
    const auto line = line_at(window, crossing.line_end + 1, limit, shape.dialect.line_end);
    if (line && is_record(*line, shape)) return crossing;
  }
  return std::nullopt;
}

}  // namespace freight::csv
