#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "freight/job_spec.hpp"

namespace freight::file {

/// `text` cut to 1 KiB for a message, always valid UTF-8 without NUL: other bytes as `\xHH`.
std::string printable(std::string_view text);
/// The same of a text in `encoding`.
std::string printable(std::string_view text, Encoding encoding);

/// `\xHH`
std::string printable_byte(char byte);

/// What texts are to be, for RecordError::expected: `UTF-8`, `windows-1252`.
std::string expected_encoding(Encoding encoding);

/// What to do about the byte at `offset`, which is not valid in `encoding`. Says so when the text
/// looks like windows-1252: nothing in it is valid UTF-8 beyond ASCII, and every other byte has a
/// meaning there.
std::string encoding_hint(std::string_view text, std::size_t offset, Encoding encoding);

}  // namespace freight::file
