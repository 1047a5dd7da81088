#pragma once

#include <cstddef>
#include <string_view>

#include "mapping/values/fault.hpp"

namespace freight::mapping {

/// Whether `text` is one JSON value (RFC 8259) and nothing but white space around it: none,
/// malformed (with the offset of the first byte that does not fit) or too_deep (more than 512
/// levels). Linear, without recursion and without memory. Bytes of strings are not looked at beyond
/// control characters and escapes: the source has checked the encoding.
Fault check_json(std::string_view text, std::size_t& offset);

}  // namespace freight::mapping
