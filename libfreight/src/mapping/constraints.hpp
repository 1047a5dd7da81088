#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "freight/job_spec.hpp"
#include "mapping/transforms/pattern.hpp"
#include "mapping/values/comparable.hpp"
#include "mapping/values/converter.hpp"

namespace freight::mapping {

/// More than any text has.
inline constexpr std::uint64_t any_size = std::numeric_limits<std::uint64_t>::max();

/// Hashes what is alike, string and view, alike.
struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const {
    return std::hash<std::string_view>{}(text);
  }
};

/// The constraints of one field beside `required`. Immutable and thread-safe.
class Constraints {
 public:
  /// `converter` is the field's. The limits' texts are kept in `texts`, which must outlive this.
  /// Throws Error(invalid_value | invalid_pattern) for limits that are not of the field's type.
  Constraints(const SchemaField& field, const Converter& converter, TextArena& texts);

  /// Every text of fewer bytes holds; 0 when each has to be looked at.
  std::uint64_t passing_sizes() const;

  bool none() const { return !lengths_ && !limits_ && !pattern_ && !enumerated_; }

  /// `text` is the source's, `value` what it was converted to.
  bool hold(std::string_view text, const Converted& value) const {
    return (!lengths_ || lengths_hold(text)) && (!limits_ || limits_hold(value)) &&
           (!pattern_ || pattern_->found_in(text)) && (!enumerated_ || enumeration_holds(value));
  }

  /// What hold() found wrong: each constraint that is broken, in the order minLength, maxLength,
  /// minimum, maximum, pattern, enum.
  std::vector<Diagnosis> violations(std::string_view text, const Converted& value) const;

 private:
  Comparable limit_of(const std::string& text, const Converter& converter, TextArena& texts) const;
  bool lengths_hold(std::string_view text) const;
  bool limits_hold(const Converted& value) const;
  bool enumeration_holds(const Converted& value) const;
  void length_violations(std::string_view text, std::vector<Diagnosis>& found) const;

  FieldConstraints spec_;
  ValueType type_;
  bool lengths_ = false;
  bool limits_ = false;
  bool enumerated_ = false;
  std::optional<Comparable> minimum_;
  std::optional<Comparable> maximum_;
  std::optional<Pattern> pattern_;
  /// Canonical texts; numbers are compared by value instead.
  std::unordered_set<std::string, TextHash, std::equal_to<>> words_;
  std::vector<Comparable> numbers_;
};

}  // namespace freight::mapping
