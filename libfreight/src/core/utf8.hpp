#pragma once

#include <cstddef>
#include <string_view>

namespace freight::core {

/// The length of the longest prefix that is valid UTF-8 (no surrogates, nothing overlong, nothing
/// beyond U+10FFFF): text.size() when all of it is.
std::size_t valid_utf8_prefix(std::string_view text);

inline bool is_valid_utf8(std::string_view text) { return valid_utf8_prefix(text) == text.size(); }

/// `text` cut to at most `max_bytes`, never within a code point of valid UTF-8.
std::string_view cut_utf8(std::string_view text, std::size_t max_bytes);

}  // namespace freight::core
