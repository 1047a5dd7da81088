#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "freight/destination.hpp"
#include "freight/record.hpp"
#include "mapping/values/converter.hpp"

namespace freight::mapping {

/// Whether a column keeps a value as it is: what is read back, in the shortest form that identifies
/// it, is the same number (exponents, leading and trailing zeros do not count), instant or text.
/// Texts of which that cannot be said, because only the destination knows how to read them, count
/// as kept. Immutable and thread-safe.
class LossCheck {
 public:
  explicit LossCheck(const DestinationColumn& column);

  /// False for a column that keeps whatever it takes.
  bool may_lose() const { return kind_ != Kind::keeps; }
  /// `value` is not NULL.
  bool keeps(const Value& value) const;
  /// What is lost of a value that it does not keep. `column` names it in the message.
  Diagnosis diagnose(const Value& value, const std::string& column) const;

 private:
  enum class Kind : std::uint8_t {
    keeps,
    binary32,
    binary64,
    /// Integers of 64 bits, all other numbers as binary64: SQLite's NUMERIC and INTEGER affinities.
    numeric_affinity,
    date,
    time,
    datetime,
  };

  static Kind kind_of(const DestinationColumn& column);
  bool keeps_number(const Value& value) const;
  /// What is lost of a date, time or datetime: "the time of day"; empty when nothing is.
  std::string_view lost_of_time(std::string_view text) const;

  Kind kind_;
  std::uint32_t fraction_digits_;
  bool drops_offset_;
};

}  // namespace freight::mapping
