#pragma once

#include <string_view>

#include "mapping/values/arena_writer.hpp"
#include "mapping/values/fault.hpp"

namespace freight::mapping {

inline constexpr std::string_view canonical_true = "true";
inline constexpr std::string_view canonical_false = "false";

/// true/false, t/f, yes/no, y/n, 1/0 in any case.
Fault convert_boolean(std::string_view text, std::string_view& canonical);

/// 32 hexadecimal digits in any case, with dashes after the 8th, 12th, 16th and 20th or with none,
/// within braces or not. Canonical: lower case, with dashes.
Fault convert_uuid(std::string_view text, ArenaWriter& writer, std::string_view& canonical);

}  // namespace freight::mapping
