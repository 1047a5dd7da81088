#pragma once

#include <string>
#include <string_view>

#include "freight/record.hpp"

namespace freight::core::spec {

/// What is wrong with a `format` for a type; empty when nothing is. Dates and datetimes need a
/// whole date, times an hour.
std::string time_format_problem(std::string_view format, ValueType type);

}  // namespace freight::core::spec
