#include "mapping/column_mapper.hpp"

#include <charconv>
#include <chrono>
#include <utility>

#include "freight/error.hpp"
#include "mapping/record_error.hpp"
#include "mapping/transforms/text_template.hpp"

namespace freight::mapping {
namespace {

Value value_of(std::string_view text, ValueType type) {
  return {text.empty() ? "" : text.data(), static_cast<std::uint32_t>(text.size()), type};
}

Converter own_converter(ValueType type, const std::optional<std::string>& format,
                        std::chrono::minutes timezone) {
  ConverterOptions options;
  options.type = type;
  options.format = format;
  options.timezone = timezone;
  return Converter(std::move(options));
}

std::string_view write_number(std::uint64_t number, ArenaWriter& writer) {
  constexpr std::size_t most_digits = 20;
  char* const begin = writer.reserve(most_digits);
  const auto written = std::to_chars(begin, begin + most_digits, number);
  return writer.commit(static_cast<std::size_t>(written.ptr - begin));
}

std::vector<Transform> transforms_of(const ResolvedColumn& column) {
  return column.entry != nullptr ? column.entry->transforms : std::vector<Transform>{};
}

}  // namespace

ColumnMapper::ColumnMapper(const ResolvedColumn& column, const FieldReader* field,
                           const Options& options, TextArena& texts)
    : name_(column.output.name),
      empty_is_missing_(options.empty_is_missing),
      fields_(column.fields),
      transforms_(transforms_of(column), options.timezone) {
  if (column.field) field_ = *column.field;
  if (column.entry == nullptr) {
    kind_ = Kind::direct;
    return;
  }
  const MappingEntry& entry = *column.entry;
  if (entry.type) converter_ = own_converter(*entry.type, entry.format, options.timezone);
  if (entry.constant) {
    set_constant(*entry.constant, entry.constant_type, texts);
    return;
  }
  has_lookup_ = entry.has_lookup;
  lookup_.insert(entry.lookup.begin(), entry.lookup.end());
  if (entry.default_value) set_default(*entry.default_value, field, texts);
  if (entry.system) {
    set_system(*entry.system, options, texts);
  } else if (entry.text_template) {
    origin_ = Origin::text_template;
    literals_ = text_template(*entry.text_template).literals;
  } else if (!entry.coalesce.empty()) {
    origin_ = Origin::coalesce;
  } else if (transforms_.empty() && !has_lookup_ && !converter_) {
    kind_ = Kind::direct;
  }
}

void ColumnMapper::set_constant(const std::optional<std::string>& text, ValueType type,
                                TextArena& texts) {
  kind_ = Kind::constant;
  if (!text) return;
  constant_ =
      kept(*text, converter_ ? *converter_ : own_converter(type, {}, {}), "constant", texts);
}

void ColumnMapper::set_default(const std::string& text, const FieldReader* field,
                               TextArena& texts) {
  has_default_ = true;
  const bool changed = !transforms_.empty() || has_lookup_;
  if (converter_) {
    fallback_ = kept(text, *converter_, "default", texts);
  } else if (field != nullptr && field->typed() && !changed) {
    fallback_ = kept(text, field->converter(), "default", texts);
  } else {
    fallback_ = kept(text, Converter(ConverterOptions{}), "default", texts);
  }
}

void ColumnMapper::set_system(SystemColumn column, const Options& options, TextArena& texts) {
  if (column == SystemColumn::ordinal || column == SystemColumn::line) {
    origin_ = column == SystemColumn::ordinal ? Origin::ordinal : Origin::line;
    return;
  }
  if (column == SystemColumn::source && options.several_files) {
    origin_ = Origin::file;
    return;
  }
  const bool is_time = column == SystemColumn::started_at;
  if (is_time && !options.facts.started_at) {
    // Unknown: NULL passes through, and takes the default.
    kind_ = Kind::constant;
    constant_ = fallback_;
    return;
  }
  const std::string text = is_time ? format_timestamp(*options.facts.started_at)
                           : column == SystemColumn::job_id ? options.facts.job_id.to_string()
                                                            : options.source_name;
  const ValueType type = is_time                          ? ValueType::datetime
                         : column == SystemColumn::job_id ? ValueType::uuid
                                                          : ValueType::string;
  constant_ = kept(text, own_converter(type, {}, {}), "system value", texts);
  origin_ = Origin::fixed;
  if (transforms_.empty() && !has_lookup_ && !converter_) kind_ = Kind::constant;
}

Value ColumnMapper::kept(std::string_view text, const Converter& converter, std::string_view what,
                         TextArena& texts) const {
  ArenaWriter writer(texts);
  const std::string_view copy = writer.copy(text);
  Converted converted;
  const Fault fault = converter.convert_own(copy, writer, converted);
  if (fault != Fault::none) {
    const Diagnosis diagnosis = converter.diagnose(text, fault);
    throw Error(Code::invalid_value, "The " + std::string(what) + " of column \"" + name_ +
                                         "\" is not of its type: " + diagnosis.message +
                                         " Expected: " + diagnosis.expected + ".");
  }
  return value_of(converted.text, converter.type());
}

void ColumnMapper::compute(const SourceRecord& record, const FieldValue* fields,
                           ArenaWriter& writer, MadeTexts& made, Value& out,
                           RecordFindings& findings) const {
  Text text;
  if (!find_text(record, fields, writer, made, text, out, findings)) return;
  if (!transforms_.empty() && !transform(writer, made, text, out, findings)) return;
  if (has_lookup_ && !look_up(text, out, findings)) return;
  const bool typed = converter_ && converter_->type() != ValueType::string;
  if (text.text.empty() && (typed || empty_is_missing_)) {
    out = fallback_;
    return;
  }
  if (text.fleeting && !keep(writer, made, text, out, findings)) return;
  if (!converter_) {
    out = value_of(text.text, text.type);
    return;
  }
  Converted converted;
  const Fault fault = converter_->convert(text.text, FieldKind::quoted, writer, converted);
  if (fault == Fault::none) {
    out = value_of(converted.text, converter_->type());
  } else {
    refuse(text.text, converter_->diagnose(text.text, fault), out, findings);
  }
}

bool ColumnMapper::find_text(const SourceRecord& record, const FieldValue* fields,
                             ArenaWriter& writer, MadeTexts& made, Text& text, Value& out,
                             RecordFindings& findings) const {
  switch (origin_) {
    case Origin::field:
      if (!take(fields[field_], out)) return false;
      text = {.text = out.text(), .type = out.type};
      return true;
    case Origin::coalesce:
      return first_of(fields, text, out);
    case Origin::text_template:
      return assemble(fields, made, text, out, findings);
    case Origin::ordinal:
      text = {.text = write_number(record.ordinal, writer), .type = ValueType::integer};
      return true;
    case Origin::line:
      // Not all sources have lines.
      if (record.line == 0) {
        out = fallback_;
        return false;
      }
      text = {.text = write_number(record.line, writer), .type = ValueType::integer};
      return true;
    case Origin::file:
      text = {.text = record.file, .type = ValueType::string};
      return true;
    case Origin::fixed:
      break;
  }
  text = {.text = constant_.text(), .type = constant_.type};
  return true;
}

bool ColumnMapper::first_of(const FieldValue* fields, Text& text, Value& out) const {
  for (const std::size_t index : fields_) {
    if (fields[index].state != FieldState::value) continue;
    text = {.text = fields[index].value.text(), .type = fields[index].value.type};
    return true;
  }
  out = fallback_;
  return false;
}

bool ColumnMapper::assemble(const FieldValue* fields, MadeTexts& made, Text& text, Value& out,
                            RecordFindings& findings) const {
  std::string& assembled = made.assembled;
  assembled = literals_.front();
  for (std::size_t index = 0; index < fields_.size(); ++index) {
    if (!take(fields[fields_[index]], out)) return false;
    const std::string& literal = literals_[index + 1];
    if (assembled.size() + out.size + literal.size() > longest_made_text) {
      TransformedText value;
      value.set_too_long("The template");
      refuse(out.text(), std::move(*value.error), out, findings);
      return false;
    }
    assembled.append(out.text()).append(literal);
  }
  text = {.text = assembled, .fleeting = true};
  return true;
}

bool ColumnMapper::transform(ArenaWriter& writer, MadeTexts& made, Text& text, Value& out,
                             RecordFindings& findings) const {
  TransformedText value{.text = text.text};
  const bool in_scratch = transforms_.apply(value, made.scratch, writer);
  for (auto& [diagnosis, original] : value.warnings)
    findings.warnings.push_back(record_error(Stage::map, name_, original, std::move(diagnosis)));
  if (value.error) {
    refuse(value.text, std::move(*value.error), out, findings);
    return false;
  }
  if (value.is_null) {
    out = fallback_;
    return false;
  }
  text = {.text = value.text, .fleeting = text.fleeting || in_scratch};
  return true;
}

bool ColumnMapper::look_up(Text& text, Value& out, RecordFindings& findings) const {
  const auto found = lookup_.find(text.text);
  if (found == lookup_.end()) {
    if (has_default_) {
      out = fallback_;
      return false;
    }
    refuse(text.text,
           {.code = Code::lookup_miss,
            .expected = "a value that the lookup of the column names",
            .message = "The lookup of column \"" + name_ + "\" has no entry for " +
                       in_quotes(text.text) + ".",
            .hint = "Add the entry to the lookup, or give the column a \"default\"."},
           out, findings);
    return false;
  }
  if (!found->second) {
    out = {};
    return false;
  }
  text = {.text = *found->second};
  return true;
}

bool ColumnMapper::keep(ArenaWriter& writer, MadeTexts& made, Text& text, Value& out,
                        RecordFindings& findings) const {
  if (text.text.size() > made.room) {
    refuse(text.text,
           {.code = Code::too_long,
            .expected = "at most 256 MiB of new texts in a batch",
            .message = "The texts that transforms and templates make of this batch take more than "
                       "256 MiB.",
            .hint = "Make \"batch\" smaller, or what the mapping makes of a record."},
           out, findings);
    return false;
  }
  made.room -= text.text.size();
  text = {.text = writer.copy(text.text), .type = text.type};
  return true;
}

void ColumnMapper::refuse(std::string_view text, Diagnosis diagnosis, Value& out,
                          RecordFindings& findings) const {
  findings.errors.push_back(record_error(Stage::map, name_, text, std::move(diagnosis)));
  out = {};
}

}  // namespace freight::mapping
