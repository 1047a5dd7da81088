#pragma once

#include <cstddef>

namespace freight::core {

/// How many bytes of a rejected record's raw text are kept.
inline constexpr std::size_t most_kept_text = std::size_t{64} * 1024;

}  // namespace freight::core
