#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "freight/error.hpp"
#include "mapping/transforms/text_transform.hpp"

namespace freight::mapping {

/// What a chain makes of a text: NULL is nullopt, an error `!` and its code, and each warning adds
/// `~` and its code.
inline std::optional<std::string> chained(const std::vector<Transform>& transforms,
                                          std::string_view text,
                                          std::chrono::minutes zone = std::chrono::minutes{0}) {
  TextArena arena;
  ArenaWriter writer(arena);
  TransformChain::Scratch scratch;
  TransformedText value{.text = text};
  TransformChain(transforms, zone).apply(value, scratch, writer);
  if (value.error) return "!" + std::string(to_string(value.error->code));
  if (value.is_null) return std::nullopt;
  std::string result(value.text);
  for (const auto& warning : value.warnings)
    result += "~" + std::string(to_string(warning.first.code));
  return result;
}

/// The same of one transform.
inline std::optional<std::string> made(const Transform& transform, std::string_view text) {
  return chained({transform}, text);
}

/// The code with which a transform is refused, or "nothing".
inline std::string refusal_of(const Transform& transform) {
  try {
    make_transform(transform, std::chrono::minutes{0});
  } catch (const Error& error) {
    return std::string(to_string(error.code()));
  }
  return "nothing";
}

}  // namespace freight::mapping
