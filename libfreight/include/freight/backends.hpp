#pragma once

#include <span>
#include <string_view>

#include "freight/cxx20.hpp"

namespace freight {

/// @addtogroup asking
/// @{

/// The URL schemes of the storage backends that this build of the library holds, in alphabetical
/// order ("postgresql", "sqlite"). Empty when it was built without any.
/// Safe from any thread; never throws. The result lives as long as the program.
[[nodiscard]] std::span<const std::string_view> built_in_backends() noexcept;

/// @}

}  // namespace freight
