#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace freight::sql {

/// Where in a COPY the server met an error.
struct CopyPlace {
  /// From 1.
  std::uint64_t line = 0;
  /// Of the columns that were asked about; empty when none is named.
  std::string column;
};

/// Reads the CONTEXT of an error: `COPY people, line 3, column age: "x"` in whatever language the
/// server speaks. `table` is its name without schema and quotes. nullopt when there is no line in
/// it, and when more than one part of the text could be the one: a value may hold anything, and to
/// take its words for the server's would blame the wrong row.
std::optional<CopyPlace> read_copy_context(std::string_view context, std::string_view table,
                                           const std::vector<std::string>& columns);

}  // namespace freight::sql
