#pragma once

#include <string_view>

#include "freight/cxx20.hpp"

namespace freight {

/// @addtogroup running
/// @{

/// The JSON Schema (2020-12) of the job spec that parse_job_spec() reads, as text: its keys, what
/// they take, their defaults. Rules that concern several keys at once only the parser knows, and
/// the connectors of an embedding program only that program. Lives as long as the process;
/// thread-safe.
std::string_view job_spec_schema();

/// @}

}  // namespace freight
