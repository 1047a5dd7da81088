#pragma once

#include <string_view>

namespace freight::core {

/// A named place at which tests kill or stop the process: with FREIGHT_FAULT="name" or "name:n" in
/// the environment the n-th passage (1 by default) ends it with SIGKILL; with "stop:name" or
/// "stop:name:n" it is stopped there with SIGSTOP, and goes on at SIGCONT. Costs one load
/// otherwise. Compiled to nothing unless FREIGHT_FAULT_POINTS is defined, as our presets for tests
/// do.
#ifdef FREIGHT_FAULT_POINTS
void fault_point(std::string_view name) noexcept;
#else
inline void fault_point(std::string_view) noexcept {}
#endif

}  // namespace freight::core
