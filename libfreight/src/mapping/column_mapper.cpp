#include "mapping/column_mapper.hpp"

#include <chrono>
#include <utility>

#include "freight/error.hpp"
#include "mapping/record_error.hpp"
#include "mapping/unicode.hpp"

namespace freight::mapping {
namespace {

std::string_view transformed(const Transform& transform, std::string_view text,
                             ArenaWriter& writer) {
  switch (transform.kind) {
    case TransformKind::trim:
      return trim(text);
    case TransformKind::lower:
      return to_lower(text, writer);
    case TransformKind::upper:
      return to_upper(text, writer);
    default:
      return text;
  }
}

Value value_of(std::string_view text, ValueType type) {
  return {text.data() != nullptr ? text.data() : "", static_cast<std::uint32_t>(text.size()), type};
}

Converter own_converter(ValueType type, const std::optional<std::string>& format,
                        std::chrono::minutes timezone) {
  ConverterOptions options;
  options.type = type;
  options.format = format;
  options.timezone = timezone;
  return Converter(std::move(options));
}

}  // namespace

ColumnMapper::ColumnMapper(const ResolvedColumn& column, const FieldReader* field,
                           const Options& options, TextArena& texts)
    : name_(column.output.name), empty_is_missing_(options.empty_is_missing) {
  if (column.field) field_ = *column.field;
  if (column.entry == nullptr) return;
  const MappingEntry& entry = *column.entry;
  if (entry.type) converter_ = own_converter(*entry.type, entry.format, options.timezone);
  if (entry.constant) {
    set_constant(*entry.constant, entry.constant_type, texts);
    return;
  }
  transforms_ = entry.transforms;
  has_lookup_ = entry.has_lookup;
  lookup_.insert(entry.lookup.begin(), entry.lookup.end());
  if (!transforms_.empty() || has_lookup_ || converter_) kind_ = Kind::computed;
  if (entry.default_value) set_default(*entry.default_value, field, texts);
}

void ColumnMapper::set_constant(const std::optional<std::string>& text, ValueType type,
                                TextArena& texts) {
  kind_ = Kind::constant;
  if (!text) return;
  keep(*text, converter_ ? *converter_ : own_converter(type, {}, {}), "constant", texts);
}

void ColumnMapper::set_default(const std::string& text, const FieldReader* field,
                               TextArena& texts) {
  has_default_ = true;
  const bool changed = !transforms_.empty() || has_lookup_;
  if (converter_) {
    keep(text, *converter_, "default", texts);
  } else if (field != nullptr && field->typed() && !changed) {
    keep(text, field->converter(), "default", texts);
  } else {
    keep(text, Converter(ConverterOptions{}), "default", texts);
  }
}

void ColumnMapper::keep(std::string_view text, const Converter& converter, std::string_view what,
                        TextArena& texts) {
  ArenaWriter writer(texts);
  const std::string_view kept = writer.copy(text);
  Converted converted;
  const Fault fault = converter.convert_own(kept, writer, converted);
  if (fault != Fault::none) {
    const Diagnosis diagnosis = converter.diagnose(text, fault);
    throw Error(Code::invalid_value, "The " + std::string(what) + " of column \"" + name_ +
                                         "\" is not of its type: " + diagnosis.message +
                                         " Expected: " + diagnosis.expected + ".");
  }
  fallback_ = value_of(converted.text, converter.type());
}

bool ColumnMapper::look_up(std::string_view& text, Value& out, RecordFindings& findings) const {
  const auto found = lookup_.find(text);
  if (found == lookup_.end()) {
    out = fallback_;
    if (has_default_) return false;
    findings.errors.push_back(record_error(
        Stage::map, name_, text,
        {.code = Code::lookup_miss,
         .expected = "a value that the lookup of the column names",
         .message =
             "The lookup of column \"" + name_ + "\" has no entry for " + in_quotes(text) + ".",
         .hint = "Add the entry to the lookup, or give the column a \"default\"."}));
    return false;
  }
  if (!found->second) {
    out = {};
    return false;
  }
  text = *found->second;
  return true;
}

void ColumnMapper::compute(const Value& value, ArenaWriter& writer, Value& out,
                           RecordFindings& findings) const {
  std::string_view text = value.text();
  for (const Transform& transform : transforms_) text = transformed(transform, text, writer);
  if (has_lookup_ && !look_up(text, out, findings)) return;
  const bool typed = converter_ && converter_->type() != ValueType::string;
  if (text.empty() && (typed || empty_is_missing_)) {
    out = fallback_;
    return;
  }
  if (!converter_) {
    out = value_of(text, ValueType::string);
    return;
  }
  Converted converted;
  const Fault fault = converter_->convert(text, FieldKind::quoted, writer, converted);
  out = fault == Fault::none ? value_of(converted.text, converter_->type()) : Value{};
  if (fault != Fault::none)
    findings.errors.push_back(
        record_error(Stage::map, name_, text, converter_->diagnose(text, fault)));
}

}  // namespace freight::mapping
