#include "connectors/file/name_pattern.hpp"

#include <cstddef>

#include "core/wildcards.hpp"

namespace freight::file {
namespace {

using core::WildcardStep;

/// In bytes, of the character that `text`, which is not empty, begins with.
std::size_t character_size(std::string_view text) {
  std::size_t size = 1;
  if (static_cast<unsigned char>(text[0]) < 0xC0) return size;
  while (size < text.size() && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U) ++size;
  return size;
}

/// What is between the brackets that a pattern begins with.
struct Brackets {
  std::string_view characters;
  bool is_negated = false;
  /// Of the pattern, with both brackets; 0 when they are none.
  std::size_t size = 0;
};

Brackets brackets_of(std::string_view pattern) {
  Brackets brackets;
  std::size_t begin = 1;
  if (pattern.size() > begin && (pattern[begin] == '!' || pattern[begin] == '^')) {
    brackets.is_negated = true;
    ++begin;
  }
  // A bracket that comes first is one of the characters.
  const std::size_t end = pattern.find(']', begin + 1);
  if (end == std::string_view::npos) return {};
  brackets.characters = pattern.substr(begin, end - begin);
  brackets.size = end + 1;
  return brackets;
}

bool holds(const Brackets& brackets, std::string_view character) {
  const std::string_view all = brackets.characters;
  bool found = false;
  for (std::size_t at = 0; at < all.size() && character.size() == 1; ++at) {
    if (at + 2 < all.size() && all[at + 1] == '-') {
      found = found || (all[at] <= character[0] && character[0] <= all[at + 2]);
      at += 2;
    } else {
      found = found || all[at] == character[0];
    }
  }
  return found != brackets.is_negated;
}

/// Nothing when the first character of the name, which is not empty, is not what the pattern wants.
WildcardStep match_one(std::string_view pattern, std::string_view name) {
  if (pattern.empty()) return {};
  const std::size_t size = character_size(name);
  if (pattern[0] == '?') return {1, size};
  if (pattern[0] == '[') {
    const Brackets brackets = brackets_of(pattern);
    if (brackets.size > 0) {
      return holds(brackets, name.substr(0, size)) ? WildcardStep{brackets.size, size}
                                                   : WildcardStep{};
    }
  }
  return pattern[0] == name[0] ? WildcardStep{1, 1} : WildcardStep{};
}

}  // namespace

bool has_wildcard(std::string_view text) {
  return text.find_first_of("*?[") != std::string_view::npos;
}

bool is_of_pattern(std::string_view pattern, std::string_view name) {
  if (name.starts_with('.') && !pattern.starts_with('.')) return false;
  return core::matches_wildcards(pattern, name, match_one, character_size);
}

}  // namespace freight::file
