#pragma once

#include <string>

#include "freight/source.hpp"
#include "mapping/catalog_binding.hpp"
#include "mapping/resolved_mapping.hpp"

namespace freight::mapping {

/// A sentence that lists which names a loose match took for others: of the spec for those of the
/// source, and of the job's columns for those of the destination. Empty when all were exact.
std::string loose_names(const ResolvedMapping& resolved, const SourceDescription& source,
                        const CatalogBinding& binding);

}  // namespace freight::mapping
