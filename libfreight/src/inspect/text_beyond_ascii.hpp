#pragma once

#include <cstdint>
#include <string>

#include "connectors/file/input_file.hpp"

namespace freight::inspect {

/// Lines with bytes beyond ASCII from all over a file, up to 1 MiB of them: what an encoding can be
/// told by. Reads at most `most_bytes`, but one piece of 256 KiB in any case.
std::string text_beyond_ascii(const file::InputFile& file, std::uint64_t most_bytes);

}  // namespace freight::inspect
