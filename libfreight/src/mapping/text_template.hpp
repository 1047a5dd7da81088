#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace freight::mapping {

/// A text with `{field}` in it, and `{{` and `}}` for braces. Immutable and thread-safe.
class TextTemplate {
 public:
  /// Throws Error(invalid_value) for braces that are no pairs, or are empty.
  explicit TextTemplate(std::string_view text);

  /// The fields in their order; one may stand several times.
  const std::vector<std::string>& fields() const { return fields_; }
  /// The texts around them: one more than there are fields.
  const std::vector<std::string>& literals() const { return literals_; }

 private:
  std::vector<std::string> fields_;
  std::vector<std::string> literals_;
};

}  // namespace freight::mapping
