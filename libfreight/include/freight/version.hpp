#pragma once

#include <string_view>

#include "freight/cxx20.hpp"

namespace freight {

/// @addtogroup basics
/// @{

/// The version of the library that is linked, as "major.minor.patch".
/// Safe from any thread; never throws.
[[nodiscard]] std::string_view version() noexcept;

/// @}

}  // namespace freight
