#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "freight/record.hpp"

namespace freight::csv {

/// What a rejects file says of a record before the source's own columns.
inline constexpr std::array<std::string_view, 16> rejects_columns{
    "ordinal",  "line",   "byte_offset", "byte_length", "code",    "category",
    "stage",    "column", "value",       "expected",    "message", "error_count",
    "attempts", "state",  "raw",         "raw_encoding"};
inline constexpr std::size_t rejects_ordinal = 0;
inline constexpr std::size_t rejects_byte_length = 3;
inline constexpr std::size_t rejects_code = 4;
inline constexpr std::size_t rejects_raw = 14;
inline constexpr std::size_t rejects_raw_encoding = 15;
/// What raw_encoding says of a row whose cells write bytes as `\xHH` and backslashes twice.
inline constexpr std::string_view escaped_cells = "escaped";

/// Stands before all others in a rejects file of a source of several files: where the record is.
inline constexpr std::string_view rejects_file_column = "file";

/// The name of a source's own column in a rejects file: `source:` stands before one that would be
/// taken for another; `with_file`: the file has rejects_file_column.
std::string name_in_rejects_file(const std::string& own, bool with_file = false);
/// The source's own name of a column after those; the inverse of name_in_rejects_file.
std::string name_in_source(const std::string& exported);

/// How many columns of a header are those of a rejects file: all that come before the source's own,
/// or 0 when it is no such header.
std::size_t rejects_columns_in(std::span<const std::string> names);

/// Takes the escapes out of the source's cells of a row, if its raw_encoding says that there are
/// some; `cells` are all of the row, `passed_over` are not the source's. What is no escape stays as
/// it is. Returns the first cell that is not UTF-8 without NUL then.
std::optional<std::size_t> unescape_cells(std::span<SourceField> cells, std::size_t passed_over,
                                          TextArena& arena);

/// True when the record's text was not kept whole, so that its cells were not exported, and one of
/// them is still missing. Arguments as those of unescape_cells().
bool has_unknown_cells(std::span<const SourceField> cells, std::size_t passed_over);
/// The error of such a row.
RecordError unknown_cells_fault(std::span<const SourceField> cells, std::size_t passed_over);

/// The error of a cell that unescape_cells() returned.
RecordError cell_fault(std::string_view cell, const std::string& column);

}  // namespace freight::csv
