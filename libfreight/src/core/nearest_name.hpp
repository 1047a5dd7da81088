#pragma once

#include <span>
#include <string>
#include <string_view>

namespace freight::core {

/// The candidate that `name` was most likely meant to be: by edit distance without regard to ASCII
/// case, a swap of neighbours counting as one edit. Empty when none is near (more than a third of
/// the letters differ). Of equals the first. Time grows with the product of the lengths; names
/// longer than 200 bytes are never near.
std::string_view nearest_name(std::string_view name, std::span<const std::string> candidates);
std::string_view nearest_name(std::string_view name, std::span<const std::string_view> candidates);

}  // namespace freight::core
