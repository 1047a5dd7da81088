#include "database/soci_version.hpp"

#include <soci/version.h>

namespace freight {

std::string soci_version() {
  constexpr int number = SOCI_VERSION;  // 400003 is 4.0.3
  return std::to_string(number / 100000) + "." + std::to_string(number / 100 % 1000) + "." +
         std::to_string(number % 100);
}

}  // namespace freight
