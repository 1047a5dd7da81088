#pragma once

#include <string>
#include <vector>

#include "freight/destination.hpp"

namespace freight::sql {

/// The names as the catalog spells them: a header's `ID ` is the column `id` where only one column
/// is that but for case and outer blanks, as the mapping binds it. What the catalog has no column
/// for keeps its name.
std::vector<std::string> catalog_names(const std::vector<std::string>& names,
                                       const DestinationCatalog& catalog);

/// The request with its columns and keys under the catalog's names, and without the columns that
/// the database computes where the request leaves them out. What is done with names once the table
/// is there is done with these.
PrepareRequest with_catalog_names(PrepareRequest request, const DestinationCatalog& catalog);

/// Adds a warning for each column that is left out so.
void warn_of_left_out(const PrepareRequest& request, const DestinationCatalog& catalog,
                      std::vector<std::string>& warnings);

}  // namespace freight::sql
