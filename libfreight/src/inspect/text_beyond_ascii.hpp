#pragma once

#include <string>

#include "connectors/file/input_file.hpp"

namespace freight::inspect {

/// Lines with bytes beyond ASCII from all over a file, up to 1 MiB of them: what an encoding can be
/// told by. Reads at most 64 MiB.
std::string text_beyond_ascii(const file::InputFile& file);

}  // namespace freight::inspect
