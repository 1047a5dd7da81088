#pragma once

#include <filesystem>

namespace freight::file {

/// Throws what a failed call on a destination's file or folder means: destination_full,
/// destination_denied, destination_unavailable for what may pass, else destination_failed. `what`
/// completes "cannot be …".
[[noreturn]] void fail_output(const std::filesystem::path& path, const char* what,
                              int error_number);

}  // namespace freight::file
