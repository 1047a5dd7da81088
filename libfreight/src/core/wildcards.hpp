#pragma once

#include <cstddef>
#include <string_view>

namespace freight::core {

/// How much of a pattern and of a text was matched by what is no star; nothing of the text when it
/// does not match.
struct WildcardStep {
  std::size_t of_pattern = 0;
  std::size_t of_text = 0;
};

/// Whether all of the text is of the pattern, in which `*` is any text. `match_one(pattern, text)`
/// gives the WildcardStep of what else a pattern begins with (it may be empty, the text is not);
/// `first_size(text)` is how many bytes a star takes at a time. Linear but for stars: it goes back
/// to the last one only.
template <typename MatchOne, typename FirstSize>
bool matches_wildcards(std::string_view pattern, std::string_view text, MatchOne match_one,
                       FirstSize first_size) {
  std::size_t star = std::string_view::npos;
  std::size_t resume = 0;
  std::size_t at = 0;
  std::size_t in_text = 0;
  while (in_text < text.size()) {
    if (at < pattern.size() && pattern[at] == '*') {
      star = at++;
      resume = in_text;
      continue;
    }
    const WildcardStep step = match_one(pattern.substr(at), text.substr(in_text));
    if (step.of_text > 0) {
      at += step.of_pattern;
      in_text += step.of_text;
    } else if (star != std::string_view::npos) {
      at = star + 1;
      resume += first_size(text.substr(resume));
      in_text = resume;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', at) == std::string_view::npos;
}

}  // namespace freight::core
