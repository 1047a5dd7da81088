#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace freight::csv {

struct NamedApart {
  /// Names that stand before them, and stay as they are.
  std::size_t from = 0;
  /// Names that differ only in case, or in blanks around them, are different ones.
  bool case_sensitive = false;
};

/// Gives the names of a header that are empty or repeated others, so that no two are the same: an
/// empty one `column_` and its position, a repeated one `_2`, `_3` and so on behind it, as far as
/// no other has that. The first of equal names keeps its own. Gives a sentence that lists what was
/// changed, empty when nothing was.
std::string make_usable(std::vector<std::string>& names, const NamedApart& options);

}  // namespace freight::csv
