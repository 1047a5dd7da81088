#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace re2 {
class RE2;
}

namespace freight::mapping {

/// An RE2 pattern: linear time whatever the text, and bounded memory. Immutable and thread-safe.
class Pattern {
 public:
  /// `owner` names in messages what the pattern is of. Throws Error(invalid_pattern).
  Pattern(const std::string& text, const std::string& owner);
  ~Pattern();
  Pattern(Pattern&&) noexcept;
  Pattern& operator=(Pattern&&) noexcept;

  /// True when it matches anywhere.
  bool found_in(std::string_view text) const;

  const re2::RE2& re2() const { return *compiled_; }

 private:
  std::unique_ptr<const re2::RE2> compiled_;
};

}  // namespace freight::mapping
