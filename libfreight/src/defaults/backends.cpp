#include "freight/backends.hpp"

#include <vector>

namespace freight {

std::span<const std::string_view> built_in_backends() noexcept {
  static const std::vector<std::string_view> backends{
#ifdef FREIGHT_WITH_POSTGRESQL
      "postgresql",
#endif
#ifdef FREIGHT_WITH_SQLITE
      "sqlite",
#endif
  };
  return backends;
}

}  // namespace freight
