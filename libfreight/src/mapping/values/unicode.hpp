#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace freight::mapping {

/// Code points of valid UTF-8.
std::size_t count_code_points(std::string_view text);

/// In UTF-8.
void append_code_point(char32_t value, std::string& out);

/// The bytes of the first `count` code points; all of them when there are fewer.
std::size_t code_points_prefix(std::string_view text, std::size_t count);

/// Where the first white space is; the size when there is none.
std::size_t find_white_space(std::string_view text);
/// Without white space at the front. A slice.
std::string_view trim_left(std::string_view text);

/// Without what is white space to Unicode (property White_Space) at both ends. A slice.
std::string_view trim(std::string_view text);

/// The simple case mapping of Unicode 14: one code point to one, whatever the locale and the
/// neighbours (ß stays ß in upper case, İ becomes i). `text` is valid UTF-8. `out`
/// comes empty and takes the result, but for a text that does not change, which is returned.
std::string_view to_lower(std::string_view text, std::string& out);
std::string_view to_upper(std::string_view text, std::string& out);
std::string to_lower(std::string_view text);

}  // namespace freight::mapping
