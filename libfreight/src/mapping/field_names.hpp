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
  /// Exactly, else without regard to case, blanks, `_` and `-`, which must be unique.
  loose,
};

/// Whose names are looked through, for what is said of them.
enum class NamesOf : unsigned char { source, destination };

/// What is left of a name to match it by: names that a match takes for the same have the same.
std::string folded_name(std::string_view name, NameMatch match);

/// Finds names in a header or a table's columns. Of a loose match the functions that look for a
/// name throw Error(missing_header for a source, unknown_column for a destination) when it could be
/// several.
class FieldNames {
 public:
  /// `names` must outlive this.
  FieldNames(std::span<const std::string> names, NameMatch match, NamesOf of);

  std::optional<std::size_t> find(std::string_view name) const;
  std::optional<std::size_t> find_exact(std::string_view name) const;
  /// As find(), passing over those that are taken: the names that others match exactly.
  std::optional<std::size_t> find_free(std::string_view name, const std::vector<bool>& taken) const;

  /// `; did you mean "x"?`, or nothing when no name is near.
  std::string suggestion(std::string_view name) const;
  /// For the hint: that a loose match would find the name; nothing when it would not.
  std::string loose_hint(std::string_view name) const;

 private:
  /// The one that a loose match would find, where that is not asked for; else nullptr.
  const std::string* find_if_loose(std::string_view name) const;

  std::span<const std::string> names_;
  NameMatch match_;
  NamesOf of_;
  std::unordered_map<std::string_view, std::size_t> exact_;
  std::unordered_map<std::string, std::vector<std::size_t>> folded_;
};

/// Names that are looked for, and those that there are.
struct NameSearch {
  std::span<const std::string> wanted;
  std::span<const std::string> names;
  NameMatch match = NameMatch::lenient;
  NamesOf of = NamesOf::source;
};

/// For each of `wanted` the one of `names` that it means. What one matches exactly is no other's by
/// ignoring case. Of a loose match throws as FieldNames, also for two that mean the same.
std::vector<std::optional<std::size_t>> match_names(const NameSearch& search);
/// `wanted` as `names` spells them; those that `names` lacks as they are.
std::vector<std::string> spelled_as(const NameSearch& search);

}  // namespace freight::mapping
