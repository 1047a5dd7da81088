#pragma once

#include <vector>

#include "freight/destination.hpp"
#include "freight/job_spec.hpp"
#include "freight/source.hpp"
#include "mapping/catalog_binding.hpp"
#include "mapping/record_evidence.hpp"
#include "mapping/resolved_mapping.hpp"

namespace freight::mapping {

/// The primary key, as the schema names it or else the source's own catalog.
std::vector<RecordEvidence::Key> primary_key_of(const JobSpec& spec,
                                                const SourceDescription& source,
                                                const ResolvedMapping& resolved);

/// The columns by which a merge tells rows apart, as the source has them. What is computed of
/// several fields is left out.
std::vector<RecordEvidence::Key> merge_key_of(const DestinationCatalog& catalog,
                                              const ResolvedMapping& resolved,
                                              const CatalogBinding& binding);

}  // namespace freight::mapping
