#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace freight::core::spec {

/// `YYYY-MM-DD` of the years 0001 to 9999; nullopt for anything else.
std::optional<std::string> canonical_date(std::string_view text);

/// `HH:MM[:SS[.ffffff]]` as `HH:MM:SS[.ffffff]`.
std::optional<std::string> canonical_time(std::string_view text);

/// `YYYY-MM-DD(T| )HH:MM[:SS[.f]][Z|±HH[:MM]]` as `YYYY-MM-DD HH:MM:SS[.ffffff]+00:00`; without a
/// zone the text is of `timezone`.
std::optional<std::string> canonical_datetime(std::string_view text, std::chrono::minutes timezone);

}  // namespace freight::core::spec
