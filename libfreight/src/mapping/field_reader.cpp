#include "mapping/field_reader.hpp"

#include <iterator>
#include <utility>

#include "mapping/record_error.hpp"

namespace freight::mapping {

FieldReader::FieldReader(const SchemaField& field, const SchemaSpec& schema,
                         std::optional<std::size_t> index, TextArena& texts)
    : FieldReader(field.name, missing_values_of(field, schema), index) {
  typed_ = true;
  required_ = field.constraints.required;
  on_error_ = field.on_error;
  converter_ = Converter(converter_options(field, schema.timezone));
  constraints_.emplace(field, converter_, texts);
  unconstrained_ = constraints_->none();
  plain_sizes_ = field.type == ValueType::string ? constraints_->passing_sizes() : 0;
}

FieldReader::FieldReader(std::string name, MissingValues missing, std::optional<std::size_t> index)
    : index_(index),
      plain_sizes_(any_size),
      missing_(std::move(missing)),
      converter_(ConverterOptions{}),
      name_(std::move(name)) {}

ValueType FieldReader::own_type(FieldKind kind) {
  switch (kind) {
    case FieldKind::integer:
      return ValueType::integer;
    case FieldKind::decimal:
      return ValueType::decimal;
    case FieldKind::boolean:
      return ValueType::boolean;
    case FieldKind::json:
      return ValueType::json;
    case FieldKind::binary:
      return ValueType::binary;
    default:
      return ValueType::string;
  }
}

void FieldReader::refuse_missing(const SourceField& field, FieldValue& result,
                                 RecordFindings& findings) const {
  Diagnosis diagnosis{.code = Code::required, .expected = "a value"};
  diagnosis.message = "The field \"" + name_ + "\" is required and has no value.";
  std::optional<std::string_view> value;
  if (field.kind > FieldKind::null) value = field.text();
  if (field.size != 0)
    diagnosis.message = "The field \"" + name_ + "\" is required, and " + in_quotes(field.text()) +
                        " is one of the missing values.";
  std::vector<RecordError> errors;
  errors.push_back(record_error(Stage::validate, name_, value, std::move(diagnosis)));
  conclude(std::move(errors), true, result, findings);
}

void FieldReader::refuse(const SourceField& field, Fault fault, const Converted& converted,
                         FieldValue& result, RecordFindings& findings) const {
  std::vector<Diagnosis> found;
  if (fault != Fault::none) {
    found.push_back(converter_.diagnose(field.text(), fault));
  } else {
    found = constraints_->violations(field.text(), converted);
  }
  std::vector<RecordError> errors;
  errors.reserve(found.size());
  for (Diagnosis& diagnosis : found)
    errors.push_back(record_error(Stage::validate, name_, field.text(), std::move(diagnosis)));
  conclude(std::move(errors), false, result, findings);
}

void FieldReader::conclude(std::vector<RecordError> errors, bool missing, FieldValue& result,
                           RecordFindings& findings) const {
  result = {};
  // NULL is no cure for a field that must have a value.
  const bool nulled = on_error_ == OnError::null && !required_ && !missing;
  const bool defaulted = on_error_ == OnError::default_value;
  auto& kept = nulled || defaulted ? findings.warnings : findings.errors;
  std::move(errors.begin(), errors.end(), std::back_inserter(kept));
  result.state =
      nulled ? FieldState::nulled : (defaulted ? FieldState::defaulted : FieldState::refused);
  findings.fail_job = findings.fail_job || on_error_ == OnError::fail;
}

}  // namespace freight::mapping
