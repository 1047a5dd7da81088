#pragma once

#include <optional>
#include <string>
#include <vector>

#include "freight/destination.hpp"
#include "mapping/resolved_mapping.hpp"

namespace freight::mapping {

/// The job's columns joined to those of the destination.
struct CatalogBinding {
  /// Of each column of the job: the destination's; nullopt when it takes any, or when only records
  /// that bring a value for it are refused.
  std::vector<std::optional<DestinationColumn>> columns;
  /// Of each column of the job: it is not the destination's, and stands for a key that single
  /// records bring; such a record is refused.
  std::vector<bool> refused;
  /// Of each column of the job: the destination computes it, and it is left to do so.
  std::vector<bool> left_out;
  /// Destination columns that the job does not fill, generated ones aside.
  std::vector<std::string> unfilled;
};

/// Throws Error(unknown_column) for columns that the destination does not have or, unless a
/// whole table is copied, computes itself and, unless a loss is allowed, Error(lossy_column) for
/// decimals and integers into a column that would lose digits.
CatalogBinding bind_catalog(const ResolvedMapping& resolved, const DestinationCatalog& catalog,
                            NameMatch match, bool allow_lossy);

}  // namespace freight::mapping
