#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "freight/record.hpp"
#include "mapping/values/converter.hpp"

namespace freight::mapping {

/// The error of one field or column; `value` is cut to 1 KiB.
RecordError record_error(Stage stage, std::string_view column,
                         std::optional<std::string_view> value, Diagnosis diagnosis);

}  // namespace freight::mapping
