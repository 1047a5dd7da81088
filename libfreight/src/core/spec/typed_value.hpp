#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "core/spec/json_value.hpp"
#include "freight/record.hpp"

namespace freight::core::spec {

/// The canonical text (freight/record.hpp) of a bound or a member of an enum: strings for string,
/// date, time, datetime and uuid; numbers or strings that hold one for integer, number and decimal;
/// true or false for boolean. `text` stands for value.string() when that is one: its placeholders
/// were replaced. nullopt when the value is none of the type.
std::optional<std::string> canonical_value(const JsonValue& value, std::string_view text,
                                           ValueType type, std::chrono::minutes timezone);

/// Below zero, zero or above it, like strcmp, of two canonical texts of a type that has an order:
/// integer, number, decimal, date, time, datetime. Exact for any number of digits.
int compare_canonical(ValueType type, std::string_view left, std::string_view right);

/// `Z`, `UTC`, `±HH`, `±HHMM` or `±HH:MM`, up to 18 hours, as minutes east of UTC.
std::optional<std::chrono::minutes> parse_offset(std::string_view text);
/// `+02:00`
std::string format_offset(std::chrono::minutes offset);

}  // namespace freight::core::spec
