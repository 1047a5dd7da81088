#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "mapping/arena_writer.hpp"

namespace freight::mapping {

/// Code points of valid UTF-8.
std::size_t count_code_points(std::string_view text);

/// Without what is white space to Unicode (property White_Space) at both ends. A slice.
std::string_view trim(std::string_view text);

/// The simple case mapping of Unicode 14: one code point to one, whatever the locale and the
/// neighbours (ß stays ß in upper case, İ becomes i). `text` is valid UTF-8. A slice when nothing
/// changes.
std::string_view to_lower(std::string_view text, ArenaWriter& writer);
std::string_view to_upper(std::string_view text, ArenaWriter& writer);
std::string to_lower(std::string_view text);

}  // namespace freight::mapping
