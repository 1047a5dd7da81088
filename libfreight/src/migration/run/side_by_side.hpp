#pragma once

#include <cstddef>
#include <functional>

namespace freight::migration {

/// Connections at a time.
inline constexpr std::size_t most_side_by_side = 4;

/// Calls `work` on so many threads at once, and waits for all of them. Throws what the first of
/// them threw.
void run_side_by_side(std::size_t threads, const std::function<void()>& work);

}  // namespace freight::migration
