#include "freight/version.hpp"

namespace freight {

std::string_view version() noexcept { return FREIGHT_VERSION; }

}  // namespace freight
