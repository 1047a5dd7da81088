#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "mapping/field_names.hpp"
#include "mapping/record_mapper.hpp"
#include "mapping/resolved_mapping.hpp"
#include "mapping/transforms/text_template.hpp"

namespace freight::mapping {
namespace {

/// Names in the order in which they were met first.
class Names {
 public:
  void add(std::string_view name) {
    if (!has(name)) names_.emplace_back(name);
  }
  bool has(std::string_view name) const {
    return std::find(names_.begin(), names_.end(), name) != names_.end();
  }
  std::vector<std::string> take() { return std::move(names_); }

 private:
  std::vector<std::string> names_;
};

void add_filter(const FilterSpec& filter, Names& names) {
  for (const FilterSpec& operand : filter.operands) add_filter(operand, names);
  if (!filter.field.empty()) names.add(filter.field);
}

void add_mapping(const std::vector<MappingEntry>& mapping, Names& names) {
  for (const MappingEntry& entry : mapping) {
    if (entry.from) names.add(*entry.from);
    if (entry.text_template) {
      const core::TextTemplate text = text_template(*entry.text_template);
      for (const std::string& field : text.fields) names.add(field);
    }
    for (const std::string& field : entry.coalesce) names.add(field);
  }
}

/// A column that fills itself is left to do so, unless the source is known to bring it.
bool is_wanted(const DestinationColumn& column, const FieldNames& of_source, bool none_known) {
  if (column.generated) return false;
  return !column.has_default || none_known || of_source.find(column.name);
}

/// The names as the source's records are known to have them, each once.
std::vector<std::string> as_in_source(const std::vector<std::string>& names,
                                      const SourceDescription& source,
                                      const FieldNames& of_source) {
  Names own;
  for (const std::string& name : names) {
    const auto index = of_source.find(name);
    own.add(index ? source.fields[*index] : name);
  }
  return own.take();
}

}  // namespace

std::optional<std::vector<std::string>> used_fields(const JobSpec& spec,
                                                    const SourceDescription& source,
                                                    const DestinationCatalog& catalog) {
  const bool all = !spec.schema && maps_by_name(spec);
  const bool as_they_are = all && catalog.columns.empty();
  if (!source.open_fields || (as_they_are && !spec.has_mapping)) return std::nullopt;
  const FieldNames of_source(source.fields, name_match(spec, source), NamesOf::source);
  const FilledColumns filled(spec, name_match(spec, source));
  Names names;
  if (spec.schema) {
    for (const SchemaField& field : spec.schema->fields) names.add(field.name);
  }
  if (spec.has_mapping) add_mapping(spec.mapping, names);
  if (as_they_are) {
    for (const std::string& field : source.fields) names.add(field);
  } else if (all) {
    for (const DestinationColumn& column : catalog.columns) {
      if (filled.has(column.name) ? of_source.find(column.name).has_value()
                                  : is_wanted(column, of_source, source.fields.empty())) {
        names.add(column.name);
      }
    }
  }
  if (spec.filter) add_filter(*spec.filter, names);
  return as_in_source(names.take(), source, of_source);
}

}  // namespace freight::mapping
