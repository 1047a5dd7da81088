#pragma once

#include <string_view>

namespace freight::daemon {

/// Makes SIGINT and SIGTERM a wish that interrupted() tells; the second one ends the process at
/// once with 130. A write to a closed pipe becomes an error of that write. Once, at the start of
/// main().
void watch_signals();

/// True once the user wants an end. Safe from any thread.
bool interrupted() noexcept;

/// From now on the process ends within 2 s of the first signal, whatever it waits for: a server
/// that does not answer, most likely. What is committed is safe, and the rest is done again. It
/// says `how_to_go_on`, which has to be a literal. Once.
void end_soon_when_interrupted(std::string_view how_to_go_on);

/// Makes SIGHUP a wish to read the configuration anew. For commands that serve.
void watch_hangups();

/// True when there was a SIGHUP since the last call.
bool take_hangup() noexcept;

}  // namespace freight::daemon
