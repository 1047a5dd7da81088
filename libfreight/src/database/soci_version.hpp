#pragma once

#include <string>

namespace freight {

/// The version of SOCI that this library was compiled against, as "4.0.3". It stands in bug
/// reports: SOCI's behaviour differs between its versions in ways that matter here.
[[nodiscard]] std::string soci_version();

}  // namespace freight
