#pragma once

#include <string_view>

#include "freight/error.hpp"

namespace freight::daemon {

/// A line on stderr, `freightd: …`.
void say(std::string_view line);

/// An error in one line, and what to do about it in a second when that is known.
void say_error(const Failure& failure);

/// Thrown where nobody reads stdout any more, as behind `| head`: an end, and no error.
struct OutputClosed {};

/// Writes to stdout. Throws Error(output_failed) when it cannot be written (a full disk), and
/// OutputClosed.
void print(std::string_view text);

}  // namespace freight::daemon
