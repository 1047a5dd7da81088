#pragma once

#include <optional>
#include <string_view>

namespace freight::core {

/// A text that is there or not: one that was never set is empty.
inline std::optional<std::string_view> unless_empty(std::string_view text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

}  // namespace freight::core
