#pragma once

#include <string>
#include <vector>

#include "connectors/sql/destination/write_rules.hpp"
#include "freight/destination.hpp"
#include "mapping/field_names.hpp"

namespace freight::sql {

/// The names as the catalog spells them: a header's `ID ` is the column `id` where only one column
/// is that but for case and outer blanks, as the mapping binds it, or by a loose match. What the
/// catalog has no column for keeps its name. Throws as mapping::match_names().
std::vector<std::string> catalog_names(const std::vector<std::string>& names,
                                       const DestinationCatalog& catalog, mapping::NameMatch match);

/// The request with its columns and keys under the catalog's names, and without the columns that
/// the database computes where the request leaves them out. What is done with names once the table
/// is there is done with these.
PrepareRequest with_catalog_names(PrepareRequest request, const DestinationCatalog& catalog,
                                  mapping::NameMatch match);

/// Adds a warning for each column that is left out so.
void warn_of_left_out(const PrepareRequest& request, const DestinationCatalog& catalog,
                      mapping::NameMatch match, std::vector<std::string>& warnings);

/// Adds a warning of the columns of a merge's key that only a loose match found.
void warn_of_loose_key(const WriteRules& wanted, const DestinationCatalog& catalog,
                       std::vector<std::string>& warnings);

}  // namespace freight::sql
