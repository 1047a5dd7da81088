#include <algorithm>

#include "mapping/record_mapper.hpp"
#include "mapping/resolved_mapping.hpp"

namespace freight::mapping {
namespace {

/// True when the column's value is the field's, never another's or none.
bool passes_on(const ResolvedColumn& column) {
  return column.entry == nullptr || (!column.entry->has_lookup && column.entry->transforms.empty());
}

}  // namespace

TargetColumns target_columns(const JobSpec& spec, const SourceDescription& source) {
  const ResolvedMapping resolved = resolve_mapping(spec, source);
  TargetColumns target;
  for (const ResolvedColumn& column : resolved.columns) {
    target.columns.push_back(column.output);
    if (!column.field || !passes_on(column)) continue;
    const SchemaField* const field = resolved.fields[*column.field].schema;
    if (field != nullptr && field->constraints.required)
      target.required.push_back(column.output.name);
  }
  if (!spec.schema) return target;
  for (const std::string& name : spec.schema->primary_key) {
    const auto column = std::find_if(
        resolved.columns.begin(), resolved.columns.end(), [&](const ResolvedColumn& candidate) {
          return candidate.field && resolved.fields[*candidate.field].name == name &&
                 passes_on(candidate);
        });
    if (column == resolved.columns.end()) {
      // Part of a key is another key.
      target.primary_key.clear();
      break;
    }
    target.primary_key.push_back(column->output.name);
  }
  return target;
}

}  // namespace freight::mapping
