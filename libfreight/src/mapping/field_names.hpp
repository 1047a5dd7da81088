#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace freight::mapping {

enum class NameMatch : unsigned char {
  exact,
  /// Exactly, else trimmed and without regard to case when that is unique.
  lenient,
};

/// Finds names in a header or a table's columns.
class FieldNames {
 public:
  /// `names` must outlive this.
  FieldNames(std::span<const std::string> names, NameMatch match);

  std::optional<std::size_t> find(std::string_view name) const;
  std::optional<std::size_t> find_exact(std::string_view name) const;
  /// As find(), passing over those that are taken: the names that others match exactly.
  std::optional<std::size_t> find_free(std::string_view name, const std::vector<bool>& taken) const;

  /// `; did you mean "x"?`, or nothing when no name is near.
  std::string suggestion(std::string_view name) const;

 private:
  std::span<const std::string> names_;
  NameMatch match_;
  std::unordered_map<std::string_view, std::size_t> exact_;
  std::unordered_map<std::string, std::vector<std::size_t>> folded_;
};

/// For each of `wanted` the one of `names` that it means. What one matches exactly is no other's by
/// ignoring case.
std::vector<std::optional<std::size_t>> match_names(std::span<const std::string> wanted,
                                                    std::span<const std::string> names,
                                                    NameMatch match);
/// `wanted` as `names` spells them, matched leniently; those that `names` lacks as they are.
std::vector<std::string> spelled_as(std::span<const std::string> names,
                                    std::vector<std::string> wanted);

}  // namespace freight::mapping
