#include "connectors/csv/rejects_columns.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <system_error>

#include "connectors/file/printable.hpp"
#include "core/kept_text.hpp"
#include "core/utf8.hpp"

namespace freight::csv {
namespace {

constexpr std::string_view source_prefix = "source:";
/// The last one may have been in the way of the limit of what is kept.
constexpr std::size_t longest_character = 4;

/// Writes `text` without its escapes to `out`, which has room for all of it. Returns the end.
char* unescape(std::string_view text, char* out) {
  constexpr std::size_t escape_size = 4;
  for (std::size_t place = 0; place < text.size();) {
    const std::string_view rest = text.substr(place);
    std::uint8_t byte = 0;
    if (rest.starts_with("\\\\")) {
      *out++ = '\\';
      place += 2;
    } else if (rest.size() >= escape_size && rest.starts_with("\\x") &&
               std::from_chars(rest.data() + 2, rest.data() + escape_size, byte, 16).ptr ==
                   rest.data() + escape_size) {
      *out++ = static_cast<char>(byte);
      place += escape_size;
    } else {
      *out++ = text[place++];
    }
  }
  return out;
}

}  // namespace

std::string name_in_rejects_file(const std::string& own, bool with_file) {
  const bool is_taken =
      std::find(rejects_columns.begin(), rejects_columns.end(), own) != rejects_columns.end() ||
      (with_file && own == rejects_file_column);
  return is_taken || own.starts_with(source_prefix) ? std::string(source_prefix) + own : own;
}

std::string name_in_source(const std::string& exported) {
  return exported.starts_with(source_prefix) ? exported.substr(source_prefix.size()) : exported;
}

std::size_t rejects_columns_in(std::span<const std::string> names) {
  const std::size_t first = !names.empty() && names[0] == rejects_file_column ? 1 : 0;
  const std::size_t passed_over = first + rejects_columns.size();
  const bool are_there =
      names.size() >= passed_over &&
      std::equal(rejects_columns.begin(), rejects_columns.end(), names.subspan(first).begin());
  return are_there ? passed_over : 0;
}

std::optional<std::size_t> unescape_cells(std::span<SourceField> cells, std::size_t passed_over,
                                          TextArena& arena) {
  // The last of them says it.
  if (cells[passed_over - 1].text() != escaped_cells) return std::nullopt;
  std::optional<std::size_t> bad;
  for (std::size_t index = passed_over; index < cells.size(); ++index) {
    SourceField& cell = cells[index];
    if (cell.text().find('\\') == std::string_view::npos) continue;
    char* const begin = arena.allocate(cell.size);
    const auto size = static_cast<std::size_t>(unescape(cell.text(), begin) - begin);
    arena.shrink_last(cell.size, size);
    cell.data = begin;
    cell.size = static_cast<std::uint32_t>(size);
    const std::string_view text = cell.text();
    const bool is_sound = core::is_valid_utf8(text) && text.find('\0') == std::string_view::npos;
    if (!is_sound && !bad) bad = index;
  }
  return bad;
}

bool has_unknown_cells(std::span<const SourceField> cells, std::size_t passed_over) {
  const std::size_t first = passed_over - rejects_columns.size();
  const std::string_view raw = cells[first + rejects_raw].text();
  const std::string_view length = cells[first + rejects_byte_length].text();
  std::uint64_t bytes = 0;
  std::from_chars(length.data(), length.data() + length.size(), bytes);
  const bool is_cut = raw.size() + longest_character > core::most_kept_text && raw.size() < bytes;
  if (!raw.empty() && !is_cut) return false;
  return std::any_of(cells.begin() + static_cast<std::ptrdiff_t>(passed_over), cells.end(),
                     [](const SourceField& cell) { return cell.text().empty(); });
}

RecordError unknown_cells_fault(std::span<const SourceField> cells, std::size_t passed_over) {
  const std::size_t first = passed_over - rejects_columns.size();
  const std::string ordinal(cells[first + rejects_ordinal].text());
  return {.code = Code::too_few_fields,
          .stage = Stage::parse,
          .expected = "a value in every column of the source",
          .message = "The text of record " + file::printable(ordinal) +
                     " was not kept whole, so what its empty cells hold is not known here",
          .hint = "Fill in every column of the row, or mend the record in its source."};
}

RecordError cell_fault(std::string_view cell, const std::string& column) {
  const std::size_t nul = std::min(cell.find('\0'), cell.size());
  const std::size_t invalid = core::valid_utf8_prefix(cell);
  const std::size_t place = std::min(nul, invalid);
  return {.code = nul < invalid ? Code::nul_byte : Code::invalid_utf8,
          .stage = Stage::parse,
          .column = column,
          .value = file::printable(cell),
          .expected = "UTF-8 without NUL",
          .message = "The cell \"" + column + "\" of the rejects file still has the byte " +
                     file::printable_byte(cell[place]) + ", which is no text",
          .hint =
              "Write what is meant in its place. In a row whose raw_encoding is `escaped`, "
              "`\\xHH` stands for a byte, and a backslash is written twice."};
}

}  // namespace freight::csv
