#include "mapping/filter_condition.hpp"

#include <algorithm>

#include "freight/error.hpp"

namespace freight::mapping {
namespace {

using Kind = FilterSpec::Kind;

bool is_ordered(Kind kind) {
  return kind == Kind::lt || kind == Kind::le || kind == Kind::gt || kind == Kind::ge;
}

bool comes_before(const Comparable& left, const Comparable& right) {
  return left.compare(right) < 0;
}

MissingValues missing_of(const ResolvedField& field, const std::optional<SchemaSpec>& schema) {
  return field.schema != nullptr ? missing_values_of(*field.schema, *schema)
                                 : missing_values_of(schema);
}

/// How values of the field are compared; nullopt for texts.
std::optional<Converter> converter_of(const ResolvedField& field,
                                      const std::optional<SchemaSpec>& schema) {
  if (field.schema == nullptr) {
    ConverterOptions numbers;
    numbers.type = ValueType::decimal;
    return Converter(std::move(numbers));
  }
  if (field.schema->type == ValueType::string || field.schema->type == ValueType::json)
    return std::nullopt;
  return Converter(converter_options(*field.schema, schema->timezone));
}

}  // namespace

FilterCondition::FilterCondition(const FilterSpec& spec, const ResolvedField& field,
                                 const std::optional<SchemaSpec>& schema, TextArena& texts)
    : kind_(spec.kind),
      index_(field.index),
      expected_(spec.expected),
      missing_(missing_of(field, schema)),
      converter_(converter_of(field, schema)),
      numbers_only_(field.schema == nullptr) {
  if (kind_ == Kind::missing) return;
  const bool any_number = kind_ == Kind::in || kind_ == Kind::not_in;
  if (!any_number && spec.values.size() != 1)
    throw Error(Code::invalid_value,
                "The filter compares the field \"" + field.name + "\" with no value, or several.");
  if (kind_ == Kind::matches) {
    pattern_.emplace(spec.values.front(), "the filter of field \"" + field.name + "\"");
    return;
  }
  for (const std::string& text : spec.values) add_value(text, texts);
  std::sort(values_.begin(), values_.end(), comes_before);
  if (!is_ordered(kind_)) return;
  bound_ = spec.values.front();
  if (converter_ && !numbers_only_ && values_.empty())
    throw Error(Code::invalid_value, "The filter compares the field \"" + field.name + "\" with " +
                                         in_quotes(bound_) + ", which is not of its type " +
                                         std::string(to_string(converter_->type())) + ".");
}

void FilterCondition::add_value(const std::string& text, TextArena& texts) {
  words_.insert(text);
  if (!converter_) return;
  ArenaWriter writer(texts);
  Converted converted;
  if (converter_->convert_own(writer.copy(text), writer, converted) == Fault::none)
    values_.emplace_back(converted, converter_->type());
}

bool FilterCondition::holds(const SourceField* record, ArenaWriter& writer) const {
  const SourceField absent;
  const SourceField& field = index_ ? record[*index_] : absent;
  const auto compared = [&](const auto& accepts) {
    const auto order = compare(field, writer);
    return order && accepts(*order);
  };
  switch (kind_) {
    case Kind::missing:
      return missing_.include(field) == expected_;
    case Kind::matches:
      return field.kind > FieldKind::null && pattern_->found_in(field.text());
    case Kind::eq:
    case Kind::in:
      return equals_one(field, writer);
    case Kind::ne:
    case Kind::not_in:
      return !equals_one(field, writer);
    case Kind::lt:
      return compared([](int order) { return order < 0; });
    case Kind::le:
      return compared([](int order) { return order <= 0; });
    case Kind::gt:
      return compared([](int order) { return order > 0; });
    case Kind::ge:
      return compared([](int order) { return order >= 0; });
    default:  // no leaf
      return true;
  }
}

std::optional<Comparable> FilterCondition::comparable(const SourceField& field,
                                                      ArenaWriter& writer) const {
  if (!converter_ || missing_.include(field)) return std::nullopt;
  const bool number = field.kind == FieldKind::integer || field.kind == FieldKind::decimal;
  if (numbers_only_ && !number) return std::nullopt;
  Converted converted;
  if (converter_->convert(field.text(), field.kind, writer, converted) != Fault::none)
    return std::nullopt;
  return Comparable(converted, converter_->type());
}

bool FilterCondition::equals_one(const SourceField& field, ArenaWriter& writer) const {
  if (field.kind <= FieldKind::null) return false;
  if (words_.contains(field.text())) return true;
  if (values_.empty()) return false;
  const auto value = comparable(field, writer);
  return value && std::binary_search(values_.begin(), values_.end(), *value, comes_before);
}

std::optional<int> FilterCondition::compare(const SourceField& field, ArenaWriter& writer) const {
  if (missing_.include(field)) return std::nullopt;
  if (!values_.empty()) {
    if (const auto value = comparable(field, writer)) return value->compare(values_.front());
  }
  if (converter_ && !numbers_only_) return std::nullopt;
  return field.text().compare(bound_);
}

}  // namespace freight::mapping
