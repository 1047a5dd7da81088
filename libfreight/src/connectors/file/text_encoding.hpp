#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "freight/job_spec.hpp"
#include "freight/record.hpp"

namespace freight::file {

/// As the spec writes it.
std::string_view name_of(Encoding encoding);

/// In which encoding the text of a file in `encoding` is read: UTF-16 is laid out in UTF-8 before.
Encoding text_encoding(Encoding encoding);

/// The code point of a byte in an encoding of one byte a character; 0 where the encoding has
/// nothing, and for NUL.
std::uint32_t code_point_of(char byte, Encoding encoding);

/// The length of the longest prefix that is valid in `encoding`: text.size() when all of it is. NUL
/// is valid in every encoding.
std::size_t valid_prefix(std::string_view text, Encoding encoding);

/// `text` in UTF-8: itself when nothing changes, else in `arena`. `text` is valid in `encoding`,
/// which is not UTF-8.
std::string_view to_utf8(std::string_view text, Encoding encoding, TextArena& arena);

/// `text` in UTF-8 for people: a byte that the encoding does not have stays as it is.
std::string to_utf8(std::string_view text, Encoding encoding);

/// How many bytes of the file the first `size` bytes of a text in UTF-8 were.
std::size_t encoded_size(std::string_view text, std::size_t size, Encoding encoding);

}  // namespace freight::file
