#pragma once

#include <string>
#include <string_view>

namespace freight::core {

/// The prefix of every key, so that secret scanners and people recognise one.
inline constexpr std::string_view api_key_prefix = "frt_";

/// A new secret: the prefix and 40 letters and digits from the operating system's generator, 238
/// bits. Throws Error(internal) when there is no randomness.
std::string make_api_key_secret();

}  // namespace freight::core
