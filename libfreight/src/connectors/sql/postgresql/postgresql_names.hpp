#pragma once

#include <string>
#include <vector>

#include "freight/destination.hpp"

namespace freight::sql {

/// Columns that a job names as no table can have them, and their names in the table.
class ShortNames {
 public:
  /// Cuts each name that is too long where the server would, at a character's end, and numbers
  /// those that would be alike then. The same columns always get the same names.
  explicit ShortNames(const std::vector<OutputColumn>& columns);

  /// The request with the names that the table has, or is to have.
  PrepareRequest applied_to(PrepareRequest request) const;
  /// Notes in the catalog under which name the job knows such a column.
  void note_in(DestinationCatalog& catalog) const;
  /// A sentence for each.
  void warn(std::vector<std::string>& warnings) const;

 private:
  struct Cut {
    std::string given;
    std::string kept;
  };
  std::string short_of(const std::string& name) const;

  std::vector<Cut> cuts_;
};

/// A name cut as ShortNames does, but not numbered.
std::string cut_postgresql_name(const std::string& name);

}  // namespace freight::sql
