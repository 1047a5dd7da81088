#pragma once

#include <string_view>

namespace freight::file {

/// Whether a path or a name holds a `*`, `?` or `[`.
bool has_wildcard(std::string_view text);

/// Whether a file's name is of a pattern: `*` is any text, `?` any one character (of UTF-8, else a
/// byte), `[a-z_]` one of these ASCII characters and `[!a-z_]` one that is none of them; a `[`
/// without its `]` is itself. What begins with a dot is hidden from a pattern that does not.
bool is_of_pattern(std::string_view pattern, std::string_view name);

}  // namespace freight::file
