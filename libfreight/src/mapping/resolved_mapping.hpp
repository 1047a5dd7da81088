#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "freight/job_spec.hpp"
#include "freight/record.hpp"
#include "freight/source.hpp"
#include "mapping/field_names.hpp"

namespace freight::mapping {

/// A field that the schema stage reads.
struct ResolvedField {
  std::string name;
  /// In the source's layout; nullopt for one that the source may lack.
  std::optional<std::size_t> index;
  /// nullptr for a field that no schema speaks of.
  const SchemaField* schema = nullptr;
};

/// A column that the mapping stage fills.
struct ResolvedColumn {
  OutputColumn output;
  /// Index into ResolvedMapping::fields of the one field that it is; nullopt for what is not one.
  std::optional<std::size_t> field;
  /// The same of a template's and a coalesce's, in their order.
  std::vector<std::size_t> fields;
  /// nullptr of a field that goes to the column of its name, as it is.
  const MappingEntry* entry = nullptr;
};

/// Which field goes where: spec and source brought together. Points into the spec.
struct ResolvedMapping {
  std::vector<ResolvedField> fields;
  std::vector<ResolvedColumn> columns;
  /// Those that the filter looks at, each once.
  std::vector<ResolvedField> filter_fields;
  /// The names of columns without an entry are the records' own keys, not a header's or the spec's.
  bool own_keys = false;
  /// The columns without an entry are those of a source's table, and the spec says nothing of where
  /// they go: what the destination computes itself is left out.
  bool copies_table = false;
};

/// Whether fields go to the columns of their names, all of them or those that no entry names.
bool maps_by_name(const JobSpec& spec);

/// The columns that a mapping's entries fill, whatever their spelling.
class FilledColumns {
 public:
  FilledColumns(const JobSpec& spec, NameMatch match);
  bool has(const std::string& name) const;

 private:
  NameMatch match_;
  std::unordered_set<std::string> names_;
};

/// How the names of this source's fields are matched.
NameMatch name_match(const JobSpec& spec, const SourceDescription& source);

/// The field's name in a primary key: the schema's own, or else the source's catalog's.
const std::string& key_name(const ResolvedField& field, const JobSpec& spec,
                            const SourceDescription& source);

/// Throws Error(missing_header, extra_column).
ResolvedMapping resolve_mapping(const JobSpec& spec, const SourceDescription& source);

/// Those of the source's `fields` that go into no column.
std::vector<std::string> unmapped_fields(const ResolvedMapping& resolved,
                                         const std::vector<std::string>& fields);

}  // namespace freight::mapping
