#pragma once

#include <string>
#include <string_view>

#include "freight/record.hpp"

namespace freight::core::spec {

/// What is wrong with a `format` for a type; empty when nothing is. Dates and datetimes need a
/// whole date, times an hour.
std::string format_problem(std::string_view format, ValueType type);

/// The same of a format that is only written, which may leave out whatever it likes.
std::string output_format_problem(std::string_view format);

}  // namespace freight::core::spec
