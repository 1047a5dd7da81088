#pragma once

#include <string>
#include <string_view>

namespace freight::core {

/// `text` with what a person would not see in it written as `\uXXXX`: control characters, blanks
/// that are no space, and characters without a width. Of UTF-8; other bytes stay as they are.
std::string visible(std::string_view text);

}  // namespace freight::core
