#include "mapping/resolved_mapping.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include "freight/error.hpp"

namespace freight::mapping {
namespace {

class Resolver {
 public:
  Resolver(const JobSpec& spec, const SourceDescription& source)
      : spec_(spec), source_(source), names_(source.fields, name_match(spec, source)) {}

  ResolvedMapping resolve() {
    if (spec_.schema) add_schema(*spec_.schema);
    if (spec_.has_mapping) {
      for (const MappingEntry& entry : spec_.mapping) add_entry(entry);
    } else if (spec_.schema) {
      for (std::size_t index = 0; index < resolved_.fields.size(); ++index) add_direct(index);
    } else {
      resolved_.own_keys = source_.open_fields;
      for (std::size_t index = 0; index < source_.fields.size(); ++index) {
        resolved_.fields.push_back({source_.fields[index], index, nullptr});
        add_direct(index);
      }
    }
    refuse_missing();
    return std::move(resolved_);
  }

 private:
  void add_schema(const SchemaSpec& schema) {
    // A header that one name matches exactly is no other's by ignoring case.
    std::vector<bool> taken(source_.fields.size());
    for (const SchemaField& field : schema.fields) {
      if (const auto index = names_.find_exact(field.name)) taken[*index] = true;
    }
    std::vector<bool> known(source_.fields.size());
    for (const SchemaField& field : schema.fields) {
      const auto index = names_.find_free(field.name, taken);
      if (index) known[*index] = true;
      if (!index && schema.missing_columns == MissingColumns::error) missing(field.name);
      resolved_.fields.push_back({field.name, index, &field});
    }
    if (schema.extra_columns == ExtraColumns::error && !source_.open_fields) refuse_extra(known);
  }

  void refuse_extra(const std::vector<bool>& known) const {
    std::string extra;
    for (std::size_t index = 0; index < known.size(); ++index) {
      if (!known[index]) extra += (extra.empty() ? "\"" : ", \"") + source_.fields[index] + "\"";
    }
    if (extra.empty()) return;
    throw Error(Code::extra_column, "The header has fields that the schema does not name: " + extra,
                {.hint = "Add them to schema.fields, or set \"extra_columns\": \"ignore\"."});
  }

  void add_direct(std::size_t index) {
    const ResolvedField& field = resolved_.fields[index];
    ResolvedColumn column;
    column.output.name = field.name;
    column.output.type = field.schema != nullptr ? field.schema->type : ValueType::string;
    column.output.typed = field.schema != nullptr;
    column.field = index;
    resolved_.columns.push_back(std::move(column));
  }

  void add_entry(const MappingEntry& entry) {
    ResolvedColumn column;
    column.entry = &entry;
    column.output.name = entry.to;
    if (entry.from) column.field = field_of(*entry.from);
    const SchemaField* const schema =
        column.field ? resolved_.fields[*column.field].schema : nullptr;
    const bool changed = !entry.transforms.empty() || entry.has_lookup;
    if (entry.type) {
      column.output.type = *entry.type;
      column.output.typed = true;
    } else if (entry.constant) {
      column.output.type = entry.constant_type;
      column.output.typed = entry.constant->has_value();
    } else if (schema != nullptr && !entry.has_lookup &&
               (!changed || schema->type == ValueType::string)) {
      column.output.type = schema->type;
      column.output.typed = true;
    }
    resolved_.columns.push_back(std::move(column));
  }

  /// The field that a mapping's `from` names: the schema's, else the source's.
  std::size_t field_of(const std::string& name) {
    const auto known = std::find_if(resolved_.fields.begin(), resolved_.fields.end(),
                                    [&name](const auto& field) { return field.name == name; });
    if (known != resolved_.fields.end())
      return static_cast<std::size_t>(known - resolved_.fields.begin());
    const auto index = names_.find(name);
    if (index) {
      const auto same = std::find_if(resolved_.fields.begin(), resolved_.fields.end(),
                                     [&index](const auto& field) { return field.index == index; });
      if (same != resolved_.fields.end())
        return static_cast<std::size_t>(same - resolved_.fields.begin());
    } else if (!spec_.schema || spec_.schema->missing_columns == MissingColumns::error) {
      missing(name);
    }
    resolved_.fields.push_back({name, index, nullptr});
    return resolved_.fields.size() - 1;
  }

  void missing(const std::string& name) {
    // Records with keys of their own may lack any of them.
    if (!source_.open_fields) missing_.push_back(name);
  }

  void refuse_missing() const {
    if (missing_.empty()) return;
    std::string list;
    for (const std::string& name : missing_) {
      const std::string suggestion = names_.suggestion(name);
      list += (list.empty() ? "" : " ") + ("\"" + name + "\"");
      list += suggestion.empty() ? "." : suggestion;
    }
    std::string hint = "The header has:";
    constexpr std::size_t most = 30;
    for (std::size_t index = 0; index < std::min(source_.fields.size(), most); ++index)
      hint += (index == 0 ? " \"" : ", \"") + source_.fields[index] + "\"";
    if (source_.fields.size() > most)
      hint += " and " + std::to_string(source_.fields.size() - most) + " more";
    hint += ". Fields that may be missing altogether: schema \"missing_columns\": \"null\".";
    throw Error(Code::missing_header, "The header lacks the field " + list, {.hint = hint});
  }

  const JobSpec& spec_;
  const SourceDescription& source_;
  FieldNames names_;
  ResolvedMapping resolved_;
  std::vector<std::string> missing_;
};

}  // namespace

NameMatch name_match(const JobSpec& spec, const SourceDescription& source) {
  const auto* const csv = std::get_if<CsvSourceSpec>(&spec.source);
  if (source.open_fields || (csv != nullptr && csv->dialect.case_sensitive_header))
    return NameMatch::exact;
  return NameMatch::lenient;
}

ResolvedMapping resolve_mapping(const JobSpec& spec, const SourceDescription& source) {
  return Resolver(spec, source).resolve();
}

}  // namespace freight::mapping
