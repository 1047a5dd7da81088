#include <algorithm>

#include "mapping/record_mapper.hpp"
#include "mapping/resolved_mapping.hpp"

namespace freight::mapping {
namespace {

/// True when the column's value is the field's, never another's or none.
bool passes_on(const ResolvedColumn& column) {
  return column.entry == nullptr || (!column.entry->has_lookup && column.entry->transforms.empty());
}

// What the source's own catalog says of a field that the spec gives no type.
void add_catalog_type(OutputColumn& output, const ResolvedField& field,
                      const SourceDescription& source) {
  if (output.typed || !field.index || *field.index >= source.field_types.size()) return;
  if (*field.index < source.native_types.size()) {
    output.source_type = source.native_types[*field.index];
  }
  const auto& type = source.field_types[*field.index];
  if (!type) return;
  output.type = *type;
  output.typed = true;
}

bool is_required(const ResolvedField& field, const SourceDescription& source) {
  return field.index && std::find(source.required.begin(), source.required.end(),
                                  source.fields[*field.index]) != source.required.end();
}

}  // namespace

TargetColumns target_columns(const JobSpec& spec, const SourceDescription& source) {
  const ResolvedMapping resolved = resolve_mapping(spec, source);
  TargetColumns target;
  target.leave_out_generated = resolved.copies_table;
  for (const ResolvedColumn& column : resolved.columns) {
    target.columns.push_back(column.output);
    if (!column.field || !passes_on(column)) continue;
    add_catalog_type(target.columns.back(), resolved.fields[*column.field], source);
    const SchemaField* const field = resolved.fields[*column.field].schema;
    const bool required = field != nullptr ? field->constraints.required
                                           : is_required(resolved.fields[*column.field], source);
    if (required) target.required.push_back(column.output.name);
  }
  const auto& primary_key = spec.schema ? spec.schema->primary_key : source.primary_key;
  for (const std::string& name : primary_key) {
    const auto column = std::find_if(
        resolved.columns.begin(), resolved.columns.end(), [&](const ResolvedColumn& candidate) {
          return candidate.field && passes_on(candidate) &&
                 key_name(resolved.fields[*candidate.field], spec, source) == name;
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
