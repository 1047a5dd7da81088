#include "connectors/file/name_pattern.hpp"

#include <cstddef>

namespace freight::file {
namespace {

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

/// How much of both was matched by what is no star.
struct Step {
  std::size_t of_pattern = 0;
  std::size_t of_name = 0;
};

/// Nothing when the first character of the name, which is not empty, is not what the pattern wants.
Step match_one(std::string_view pattern, std::string_view name) {
  if (pattern.empty()) return {};
  const std::size_t size = character_size(name);
  if (pattern[0] == '?') return {1, size};
  if (pattern[0] == '[') {
    const Brackets brackets = brackets_of(pattern);
    if (brackets.size > 0) {
      return holds(brackets, name.substr(0, size)) ? Step{brackets.size, size} : Step{};
    }
  }
  return pattern[0] == name[0] ? Step{1, 1} : Step{};
}

}  // namespace

bool has_wildcard(std::string_view text) {
  return text.find_first_of("*?[") != std::string_view::npos;
}

bool is_of_pattern(std::string_view pattern, std::string_view name) {
  if (name.starts_with('.') && !pattern.starts_with('.')) return false;
  std::size_t star = std::string_view::npos;
  std::size_t resume = 0;
  std::size_t at = 0;
  std::size_t in_name = 0;
  while (in_name < name.size()) {
    if (at < pattern.size() && pattern[at] == '*') {
      star = at++;
      resume = in_name;
      continue;
    }
    const Step step = match_one(pattern.substr(at), name.substr(in_name));
    if (step.of_name > 0) {
      at += step.of_pattern;
      in_name += step.of_name;
    } else if (star != std::string_view::npos) {
      at = star + 1;
      resume += character_size(name.substr(resume));
      in_name = resume;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', at) == std::string_view::npos;
}

}  // namespace freight::file
