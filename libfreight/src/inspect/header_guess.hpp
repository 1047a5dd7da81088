#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace freight::inspect {

/// Whether the first row of a table holds names, and which.
struct HeaderGuess {
  bool header = true;
  /// One for each column: usable, and unlike each other also when case is not minded.
  std::vector<std::string> names;
  /// As the header has them; without a header empty.
  std::vector<std::string> written;
  std::string evidence;
  /// What was done to names, or empty.
  std::string names_evidence;
};

/// `rows` are in UTF-8, the first is what may be the header. A row with a number or a date where
/// other rows have one is none; columns without a name are called `column_1` and so on.
HeaderGuess guess_header(const std::vector<std::vector<std::string>>& rows, std::size_t columns);

/// Names made usable: without blanks around them and line ends in them, of at most 63 bytes,
/// `column_N` for an empty one, `_2` after one that is there already.
std::vector<std::string> usable_names(const std::vector<std::string>& written);

}  // namespace freight::inspect
