#pragma once

#include <string_view>

#include "mapping/values/arena_writer.hpp"
#include "mapping/values/fault.hpp"

namespace freight::mapping {

/// `\x` and hexadecimal digits of either case.
Fault convert_binary(std::string_view text, ArenaWriter& writer, std::string_view& canonical);
/// The digits alone, or with `\x` or `0x` before them.
Fault convert_hex(std::string_view text, ArenaWriter& writer, std::string_view& canonical);
/// Base64 (RFC 4648, section 4), padded.
Fault convert_base64(std::string_view text, ArenaWriter& writer, std::string_view& canonical);

}  // namespace freight::mapping
