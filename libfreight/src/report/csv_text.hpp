#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace freight::report {

/// Appends one CSV field (RFC 4180), quoted where it must be. Nothing for nullopt; an empty text is
/// `""`, so that the two can be told apart.
void append_csv_field(std::string& out, std::optional<std::string_view> text);

/// True when `text` is UTF-8 without NUL and can be shown as it stands.
bool is_plain_text(std::string_view text);

/// Bytes that are not part of UTF-8, and NUL, as `\xHH`; backslashes doubled.
std::string escape_bytes(std::string_view text);
/// The bytes of a text that escape_bytes() made; what is no escape of its stands for itself.
std::string unescape_bytes(std::string_view text);

}  // namespace freight::report
