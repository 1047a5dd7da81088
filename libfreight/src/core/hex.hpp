#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace freight::core {

/// What canonical texts of binary values begin with; lower-case hexadecimal digits follow, two a
/// byte. PostgreSQL writes bytea so.
inline constexpr std::string_view binary_prefix = "\\x";

/// Writes two lower-case hexadecimal digits a byte to `out` and returns the place behind them.
char* write_hex(std::string_view bytes, char* out);

/// What a hexadecimal digit of either case stands for; nullopt for any other letter.
std::optional<unsigned> hex_value(char digit);

/// Whether it is one as write_hex() writes them.
inline bool is_lower_hex(char digit) {
  return (digit >= '0' && digit <= '9') || (digit >= 'a' && digit <= 'f');
}

/// Writes the bytes of `digits`, two a byte, to `out`. False when their number is odd or one is
/// none; what was written is of no use then.
bool read_hex(std::string_view digits, char* out);

}  // namespace freight::core
