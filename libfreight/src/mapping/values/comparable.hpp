#pragma once

#include <cstdint>
#include <string_view>

#include "freight/record.hpp"
#include "mapping/values/converter.hpp"
#include "mapping/values/numbers.hpp"

namespace freight::mapping {

inline bool is_fractional(ValueType type) {
  return type == ValueType::decimal || type == ValueType::number;
}

/// A converted text that can be compared with others of its type: numbers by value and exactly,
/// dates and times by the moment, all else by bytes. The text must outlive it.
class Comparable {
 public:
  Comparable(const Converted& value, ValueType type)
      : text_(value.text), integer_(value.integer), type_(type) {
    if (is_fractional(type)) parts_ = decimal_parts(text_);
  }

  std::string_view text() const { return text_; }

  /// Below zero, zero or above it, like strcmp. `other` is of the same type.
  int compare(const Comparable& other) const {
    if (is_fractional(type_)) return compare_decimals(parts_, other.parts_);
    if (type_ == ValueType::integer)
      return integer_ < other.integer_ ? -1 : (integer_ > other.integer_ ? 1 : 0);
    // The canonical texts of dates and times sort as what they mean.
    return text_.compare(other.text_);
  }

  /// The same of a converted text of the type against this one, without making a Comparable of it.
  int compare_from(const Converted& value) const {
    if (is_fractional(type_)) return compare_decimals(decimal_parts(value.text), parts_);
    if (type_ == ValueType::integer)
      return value.integer < integer_ ? -1 : (value.integer > integer_ ? 1 : 0);
    return value.text.compare(text_);
  }

 private:
  std::string_view text_;
  std::int64_t integer_;
  ValueType type_;
  /// Of decimals and numbers.
  DecimalParts parts_;
};

}  // namespace freight::mapping
