#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace freight::core {

inline bool contains(const std::vector<std::string>& texts, std::string_view text) {
  return std::find(texts.begin(), texts.end(), text) != texts.end();
}

}  // namespace freight::core
