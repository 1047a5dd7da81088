#include "core/nearest_name.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace freight::core {
namespace {

constexpr std::size_t longest_name = 200;

char folded(char character) {
  return character >= 'A' && character <= 'Z' ? static_cast<char>(character + ('a' - 'A'))
                                              : character;
}

/// Optimal string alignment: insert, delete, replace, swap of neighbours.
std::size_t edit_distance(std::string_view left, std::string_view right) {
  std::vector<std::size_t> before_last(right.size() + 1);
  std::vector<std::size_t> last(right.size() + 1);
  std::vector<std::size_t> current(right.size() + 1);
  for (std::size_t column = 0; column <= right.size(); ++column) last[column] = column;
  for (std::size_t row = 1; row <= left.size(); ++row) {
    current[0] = row;
    for (std::size_t column = 1; column <= right.size(); ++column) {
      const char a = folded(left[row - 1]);
      const char b = folded(right[column - 1]);
      current[column] =
          std::min({last[column] + 1, current[column - 1] + 1, last[column - 1] + (a != b)});
      if (row > 1 && column > 1 && a == folded(right[column - 2]) && folded(left[row - 2]) == b)
        current[column] = std::min(current[column], before_last[column - 2] + 1);
    }
    before_last.swap(last);
    last.swap(current);
  }
  return last[right.size()];
}

template <typename Name>
std::string_view nearest_of(std::string_view name, std::span<const Name> candidates) {
  std::string_view nearest;
  std::size_t nearest_distance = 0;
  if (name.size() > longest_name) return nearest;
  for (const std::string_view candidate : candidates) {
    if (candidate.empty() || candidate.size() > longest_name) continue;
    const std::size_t distance = edit_distance(name, candidate);
    const std::size_t allowed =
        std::max<std::size_t>(1, std::max(name.size(), candidate.size()) / 3);
    if (distance > allowed || distance >= std::max(name.size(), candidate.size())) continue;
    if (nearest.empty() || distance < nearest_distance) {
      nearest = candidate;
      nearest_distance = distance;
    }
  }
  return nearest;
}

}  // namespace

std::string_view nearest_name(std::string_view name, std::span<const std::string> candidates) {
  return nearest_of(name, candidates);
}

std::string_view nearest_name(std::string_view name, std::span<const std::string_view> candidates) {
  return nearest_of(name, candidates);
}

}  // namespace freight::core
