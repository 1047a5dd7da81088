#pragma once

#include <array>
#include <string_view>

namespace freight::mapping {

/// In lower case; the first three letters are their short forms.
inline constexpr std::array<std::string_view, 12> month_names{
    "january", "february", "march",     "april",   "may",      "june",
    "july",    "august",   "september", "october", "november", "december"};

}  // namespace freight::mapping
