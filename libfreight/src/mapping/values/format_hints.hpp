#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "freight/destination.hpp"
#include "freight/record.hpp"

namespace freight::mapping {

/// What to do about a date or time that the destination did not take. It knows neither the field
/// nor that its form can be said.
class FormatHints {
 public:
  /// `field` goes into the column and has no type of its own. Nothing for a column of other values.
  void add(const DestinationColumn& column, std::string_view field);

  /// Gives the destination's error a hint where it has none.
  void complete(RecordError& error) const;

 private:
  struct UntypedTime {
    std::string field;
    ValueType type;
  };
  // By the column's name.
  std::map<std::string, UntypedTime, std::less<>> columns_;
};

}  // namespace freight::mapping
