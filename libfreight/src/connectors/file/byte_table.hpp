#pragma once

#include <array>
#include <cstdint>

#include "freight/connector_spec.hpp"

namespace freight::file {

/// The code point of each byte, 0 where an encoding has none, and for NUL.
using ByteTable = std::array<std::uint16_t, 256>;

/// That of an encoding of one byte a character. Made once: the western ones by itself, the others
/// of what the C library knows. Throws Error(source_unreadable) when it does not know the encoding.
/// Thread-safe.
const ByteTable& byte_table(Encoding encoding);

}  // namespace freight::file
