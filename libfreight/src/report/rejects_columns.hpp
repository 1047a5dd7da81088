#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace freight::report {

/// What a rejects file says of each record before the source's own columns.
inline constexpr std::array<std::string_view, 16> rejects_columns = {
    "ordinal",  "line",   "byte_offset", "byte_length", "code",    "category",
    "stage",    "column", "value",       "expected",    "message", "error_count",
    "attempts", "state",  "raw",         "raw_encoding"};

enum RejectsColumn : std::size_t {
  ordinal_column = 0,
  byte_length_column = 3,
  raw_column = 14,
  raw_encoding_column = 15,
};

}  // namespace freight::report
