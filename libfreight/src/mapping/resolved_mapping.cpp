#include "mapping/resolved_mapping.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include "freight/error.hpp"
#include "mapping/transforms/text_template.hpp"

namespace freight::mapping {
namespace {

class Resolver {
 public:
  Resolver(const JobSpec& spec, const SourceDescription& source)
      : spec_(spec),
        source_(source),
        match_(name_match(spec, source)),
        filled_(spec, match_),
        names_(source.fields, match_, NamesOf::source) {}

  ResolvedMapping resolve() {
    if (spec_.schema) add_schema(*spec_.schema);
    const auto* const sql = std::get_if<SqlSourceSpec>(&spec_.source);
    resolved_.copies_table = sql != nullptr && !sql->table.empty() && maps_by_name(spec_);
    for (const MappingEntry& entry : spec_.mapping) add_entry(entry);
    if (maps_by_name(spec_)) add_by_name();
    if (spec_.filter) add_filter(*spec_.filter);
    refuse_missing();
    return std::move(resolved_);
  }

 private:
  /// The fields that no entry names: of the schema, or else of the source.
  void add_by_name() {
    const std::vector<bool> named = named_fields();
    if (spec_.schema) {
      for (std::size_t index = 0; index < spec_.schema->fields.size(); ++index) {
        if (!named[index]) add_rest(index);
      }
      return;
    }
    resolved_.own_keys = source_.open_fields;
    std::vector<bool> taken(source_.fields.size());
    for (std::size_t index = 0; index < named.size(); ++index) {
      const auto place = resolved_.fields[index].index;
      if (named[index] && place) taken[*place] = true;
    }
    for (std::size_t index = 0; index < source_.fields.size(); ++index) {
      if (taken[index]) continue;
      resolved_.fields.push_back({source_.fields[index], index, nullptr});
      add_rest(resolved_.fields.size() - 1);
    }
  }

  /// Of the fields that are read so far: those that an entry takes its values from.
  std::vector<bool> named_fields() const {
    std::vector<bool> named(resolved_.fields.size());
    for (const ResolvedColumn& column : resolved_.columns) {
      if (column.field) named[*column.field] = true;
      for (const std::size_t field : column.fields) named[field] = true;
    }
    return named;
  }

  /// Adds the column of a field's name, unless an entry fills it.
  void add_rest(std::size_t index) {
    if (!filled_.has(resolved_.fields[index].name)) add_direct(index);
  }

  void add_schema(const SchemaSpec& schema) {
    std::vector<std::string> wanted;
    for (const SchemaField& field : schema.fields) wanted.push_back(field.name);
    const auto found = match_names(
        {.wanted = wanted, .names = source_.fields, .match = match_, .of = NamesOf::source});
    std::vector<bool> known(source_.fields.size());
    for (std::size_t place = 0; place < found.size(); ++place) {
      const SchemaField& field = schema.fields[place];
      const auto index = found[place];
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
    if (entry.text_template) {
      const core::TextTemplate text = text_template(*entry.text_template);
      for (const std::string& name : text.fields) column.fields.push_back(field_of(name));
    }
    for (const std::string& name : entry.coalesce) column.fields.push_back(field_of(name));
    set_type(entry, column);
    resolved_.columns.push_back(std::move(column));
  }

  void set_type(const MappingEntry& entry, ResolvedColumn& column) const {
    std::optional<ValueType> type = entry.type;
    if (!type && entry.constant && entry.constant->has_value()) type = entry.constant_type;
    if (!type && !entry.has_lookup) {
      type = entry.system ? system_type(*entry.system) : schema_type(entry, column);
      // What transforms make is text.
      if (!entry.transforms.empty() && type != ValueType::string) type.reset();
    }
    column.output.typed = type.has_value();
    column.output.type = type.value_or(ValueType::string);
  }

  static ValueType system_type(SystemColumn column) {
    switch (column) {
      case SystemColumn::job_id:
        return ValueType::uuid;
      case SystemColumn::ordinal:
      case SystemColumn::line:
        return ValueType::integer;
      case SystemColumn::started_at:
        return ValueType::datetime;
      case SystemColumn::source:
        break;
    }
    return ValueType::string;
  }

  /// The type that the schema gives the column's field, or all fields of a coalesce alike.
  std::optional<ValueType> schema_type(const MappingEntry& entry,
                                       const ResolvedColumn& column) const {
    if (entry.constant || entry.text_template) return std::nullopt;
    std::vector<std::size_t> fields = column.fields;
    if (column.field) fields.push_back(*column.field);
    std::optional<ValueType> type;
    for (const std::size_t index : fields) {
      const SchemaField* const schema = resolved_.fields[index].schema;
      if (schema == nullptr || (type && *type != schema->type)) return std::nullopt;
      type = schema->type;
    }
    return type;
  }

  void add_filter(const FilterSpec& filter) {
    for (const FilterSpec& operand : filter.operands) add_filter(operand);
    if (filter.field.empty()) return;
    const bool known =
        std::any_of(resolved_.filter_fields.begin(), resolved_.filter_fields.end(),
                    [&filter](const auto& field) { return field.name == filter.field; });
    if (known) return;
    const auto read = known_field(filter.field);
    ResolvedField field = read ? resolved_.fields[*read] : located(filter.field);
    field.name = filter.field;
    resolved_.filter_fields.push_back(std::move(field));
  }

  /// The field that a mapping names: the schema's, else the source's.
  std::size_t field_of(const std::string& name) {
    if (const auto known = known_field(name)) return *known;
    resolved_.fields.push_back(located(name));
    return resolved_.fields.size() - 1;
  }

  /// One of the fields that are read already.
  std::optional<std::size_t> known_field(const std::string& name) const {
    const auto find = [this](const auto& is_it) -> std::optional<std::size_t> {
      const auto found = std::find_if(resolved_.fields.begin(), resolved_.fields.end(), is_it);
      if (found == resolved_.fields.end()) return std::nullopt;
      return static_cast<std::size_t>(found - resolved_.fields.begin());
    };
    const auto by_name = find([&name](const auto& field) { return field.name == name; });
    if (by_name) return by_name;
    const auto index = names_.find(name);
    if (!index) return std::nullopt;
    return find([&index](const auto& field) { return field.index == index; });
  }

  /// A field of the source alone.
  ResolvedField located(const std::string& name) {
    const auto index = names_.find(name);
    if (!index && (!spec_.schema || spec_.schema->missing_columns == MissingColumns::error))
      missing(name);
    return {name, index, nullptr};
  }

  void missing(const std::string& name) {
    // Records with keys of their own may lack any of them.
    if (source_.open_fields || std::find(missing_.begin(), missing_.end(), name) != missing_.end())
      return;
    missing_.push_back(name);
  }

  void refuse_missing() const {
    if (missing_.empty()) return;
    std::string list;
    std::string loose;
    for (const std::string& name : missing_) {
      if (loose.empty()) loose = names_.loose_hint(name);
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
    if (!loose.empty()) hint += ' ' + loose;
    throw Error(Code::missing_header, "The header lacks the field " + list, {.hint = hint});
  }

  const JobSpec& spec_;
  const SourceDescription& source_;
  NameMatch match_;
  FilledColumns filled_;
  FieldNames names_;
  ResolvedMapping resolved_;
  std::vector<std::string> missing_;
};

}  // namespace

bool maps_by_name(const JobSpec& spec) {
  return !spec.has_mapping || spec.mapping_rest == MappingRest::by_name;
}

FilledColumns::FilledColumns(const JobSpec& spec, NameMatch match)
    : match_(match == NameMatch::loose ? match : NameMatch::lenient) {
  for (const MappingEntry& entry : spec.mapping) names_.insert(folded_name(entry.to, match_));
}

bool FilledColumns::has(const std::string& name) const {
  return names_.find(folded_name(name, match_)) != names_.end();
}

NameMatch name_match(const JobSpec& spec, const SourceDescription& source) {
  if (spec.match == NameMatching::loose) return NameMatch::loose;
  const auto* const csv = std::get_if<CsvSourceSpec>(&spec.source);
  if (source.open_fields || (csv != nullptr && csv->dialect.case_sensitive_header))
    return NameMatch::exact;
  return NameMatch::lenient;
}

const std::string& key_name(const ResolvedField& field, const JobSpec& spec,
                            const SourceDescription& source) {
  return spec.schema || !field.index ? field.name : source.fields[*field.index];
}

std::vector<std::string> unmapped_fields(const ResolvedMapping& resolved,
                                         const std::vector<std::string>& fields) {
  std::vector<bool> mapped(fields.size());
  const auto take = [&](std::size_t field) {
    if (const auto index = resolved.fields[field].index) mapped[*index] = true;
  };
  for (const ResolvedColumn& column : resolved.columns) {
    if (column.field) take(*column.field);
    std::for_each(column.fields.begin(), column.fields.end(), take);
  }
  std::vector<std::string> unmapped;
  for (std::size_t index = 0; index < fields.size(); ++index) {
    if (!mapped[index]) unmapped.push_back(fields[index]);
  }
  return unmapped;
}

ResolvedMapping resolve_mapping(const JobSpec& spec, const SourceDescription& source) {
  return Resolver(spec, source).resolve();
}

}  // namespace freight::mapping
