#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace freight::daemon::rest {

/// Valid UTF-8 without control characters: what may go into a database and back out again.
bool is_clean_text(std::string_view text);

/// What may be shown of a text that came from outside: at most 100 bytes, nothing but printable
/// ASCII.
std::string printable(std::string_view text);

std::string hex_text(std::string_view bytes);
std::optional<std::string> text_of_hex(std::string_view hex);

/// With the ASCII letters in lower case.
std::string lower_case(std::string_view text);

/// Digits and nothing else.
std::optional<std::uint64_t> whole_number(std::string_view text);

/// Whether an Accept header names the content type.
bool accepts(const std::string* header, std::string_view content_type);

}  // namespace freight::daemon::rest
