#pragma once

#include <string>
#include <vector>

#include "freight/inspection.hpp"
#include "inspect/column_profile.hpp"

namespace freight::inspect {

/// A column as it was counted, on its way to what it is.
struct ProfiledColumn {
  std::string name;
  std::string written_name;
  ColumnProfile profile;
};

/// What the columns are, each with its evidence, and the words that stand for missing values. A
/// column is text unless one reading takes every value.
struct ColumnChoices {
  std::vector<InspectedColumn> columns;
  /// The empty text and the words, for the whole schema.
  std::vector<std::string> missing_values;
  std::vector<std::string> primary_key;
};

ColumnChoices choose_columns(std::vector<ProfiledColumn>& profiled);

}  // namespace freight::inspect
