#include "mapping/values/evidence_key.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>

namespace freight::mapping {

std::vector<RecordEvidence::Key> primary_key_of(const JobSpec& spec,
                                                const SourceDescription& source,
                                                const ResolvedMapping& resolved) {
  std::vector<RecordEvidence::Key> key;
  for (const std::string& name : spec.schema ? spec.schema->primary_key : source.primary_key) {
    const auto field = std::find_if(
        resolved.fields.begin(), resolved.fields.end(),
        [&](const auto& candidate) { return key_name(candidate, spec, source) == name; });
    if (field != resolved.fields.end()) key.push_back({name, field->index});
  }
  return key;
}

std::vector<RecordEvidence::Key> merge_key_of(const DestinationCatalog& catalog,
                                              const ResolvedMapping& resolved,
                                              const CatalogBinding& binding) {
  std::vector<RecordEvidence::Key> key;
  for (const std::string& name : catalog.merge_key) {
    for (std::size_t index = 0; index < resolved.columns.size(); ++index) {
      const auto& destination = binding.columns[index];
      if (!destination || destination->name != name) continue;
      const ResolvedColumn& column = resolved.columns[index];
      if (column.field) {
        key.push_back({name, resolved.fields[*column.field].index});
      } else if (column.entry != nullptr && column.entry->constant && *column.entry->constant) {
        key.push_back({name, std::nullopt, **column.entry->constant});
      }
    }
  }
  return key;
}

}  // namespace freight::mapping
