#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace freight::daemon {

/// `text` in one line that a terminal only prints: control characters become spaces and bytes that
/// are not UTF-8 question marks, so that data cannot steer the terminal. Cut to `max_bytes`.
std::string printable(std::string_view text, std::size_t max_bytes = 500);

/// `0.8 s`, `42 s`, `3:07`, `2:03:07`.
std::string duration_text(std::chrono::milliseconds duration);

}  // namespace freight::daemon
