#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace freight::csv {

/// `text` cut to 1 KiB for a message, always valid UTF-8 without NUL: other bytes as `\xHH`.
std::string printable(std::string_view text);

/// `\xHH`
std::string printable_byte(char byte);

/// The character (in UTF-8) that the byte at `offset`, which is not valid UTF-8, would be in
/// windows-1252, when the text looks as if it were in that encoding: nothing in it is valid UTF-8
/// beyond ASCII, and every other byte has a meaning.
std::optional<std::string> windows_1252_at(std::string_view text, std::size_t offset);

}  // namespace freight::csv
