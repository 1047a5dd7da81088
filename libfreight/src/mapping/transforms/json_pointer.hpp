#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mapping/values/fault.hpp"

namespace freight::mapping {

/// Finds one value in JSON text (RFC 6901) without making a tree of it: numbers keep their digits,
/// objects and arrays stay JSON text, strings lose quotes and escapes. Of duplicate keys the last
/// wins. Linear in the text's length for each part of the pointer. Immutable and thread-safe.
class JsonPointer {
 public:
  /// Throws Error(invalid_value) for a text that is no pointer.
  explicit JsonPointer(std::string_view pointer);

  struct Result {
    /// malformed or too_deep for a text that is not JSON.
    Fault fault = Fault::none;
    /// False when the pointer leads to nothing, or to null.
    bool found = false;
    /// A slice of the JSON text, or all of `out`.
    std::string_view text;
  };

  /// `out` comes empty, and takes the text of a string that has escapes.
  Result find(std::string_view json, std::string& out) const;

  /// From the outside in, unescaped.
  const std::vector<std::string>& parts() const { return parts_; }
  /// The index that a part means within an array; nullopt when it is none: one has no leading zero,
  /// and `-`, the place behind the last, holds nothing.
  static std::optional<std::size_t> index_of(std::string_view part);

 private:
  std::vector<std::string> parts_;
};

}  // namespace freight::mapping
