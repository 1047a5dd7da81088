#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace freight::core {

/// The names of an enumeration whose enumerators count from 0, in their order.
template <std::size_t count>
using EnumNames = std::array<std::string_view, count>;

template <typename Enum, std::size_t count>
constexpr std::string_view enum_name(const EnumNames<count>& names, Enum value) {
  return names.at(static_cast<std::size_t>(value));
}

template <typename Enum, std::size_t count>
constexpr std::optional<Enum> parse_enum(const EnumNames<count>& names, std::string_view name) {
  for (std::size_t index = 0; index < count; ++index) {
    if (names[index] == name) return static_cast<Enum>(index);
  }
  return std::nullopt;
}

}  // namespace freight::core
