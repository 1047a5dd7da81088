#include "mapping/values/converter.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "core/contains.hpp"
#include "freight/error.hpp"
#include "mapping/values/binary.hpp"
#include "mapping/values/date_time.hpp"
#include "mapping/values/json_check.hpp"
#include "mapping/values/numbers.hpp"
#include "mapping/values/scalar_types.hpp"

namespace freight::mapping {
namespace {

using core::contains;

}  // namespace

Converter::Converter(ConverterOptions options)
    : options_(std::move(options)), method_(method_of(options_)) {
  if (!options_.format || options_.type == ValueType::binary) return;
  if (method_ != Method::formatted)
    throw Error(Code::invalid_value, "A value of type " + std::string(to_string(options_.type)) +
                                         " has no format; found \"" + *options_.format + "\".");
  format_.emplace(*options_.format, options_.type);
}

Converter::Method Converter::method_of(const ConverterOptions& options) {
  const bool grouped = !options.group_char.empty();
  const bool separated = grouped || options.decimal_char != ".";
  const bool words = !options.true_values.empty() || !options.false_values.empty();
  switch (options.type) {
    case ValueType::string:
      return Method::text;
    case ValueType::integer:
      return grouped ? Method::grouped_integer : Method::integer;
    case ValueType::decimal:
      return separated ? Method::separated_decimal : Method::decimal;
    case ValueType::number:
      return separated ? Method::separated_number : Method::number;
    case ValueType::boolean:
      return words ? Method::boolean_words : Method::boolean;
    case ValueType::date:
      return options.format ? Method::formatted : Method::date;
    case ValueType::time:
      return options.format ? Method::formatted : Method::time;
    case ValueType::datetime:
      return options.format ? Method::formatted : Method::datetime;
    case ValueType::uuid:
      return Method::uuid;
    case ValueType::binary:
      if (options.format == "base64") return Method::base64;
      return options.format ? Method::hex : Method::binary;
    case ValueType::json:
      break;
  }
  return Method::json;
}

Converter::Method Converter::plain(Method method) {
  switch (method) {
    case Method::grouped_integer:
      return Method::integer;
    case Method::separated_decimal:
      return Method::decimal;
    case Method::separated_number:
      return Method::number;
    case Method::hex:
    case Method::base64:
      return Method::binary;
    default:
      return method;
  }
}

Converter::Method Converter::method_for(FieldKind kind) const {
  if (kind != FieldKind::boolean) return plain(method_);
  return method_ == Method::boolean_words ? Method::boolean : method_;
}

Fault Converter::convert_by(Method method, std::string_view text, ArenaWriter& writer,
                            Converted& converted) const {
  const auto zone = static_cast<int>(options_.timezone.count());
  std::size_t offset = 0;
  switch (method) {
    case Method::text:
      converted.text = text;
      return Fault::none;
    case Method::integer:
      return convert_integer(text, writer, converted.text, converted.integer);
    case Method::decimal:
      return convert_decimal(text, converted.text);
    case Method::number:
      return convert_number(text, converted.text);
    case Method::grouped_integer:
    case Method::separated_decimal:
    case Method::separated_number: {
      const std::string_view point =
          method == Method::grouped_integer ? std::string_view{} : options_.decimal_char;
      const Fault fault = normalise_number(text, point, options_.group_char, writer, text);
      return fault == Fault::none ? convert_by(plain(method), text, writer, converted) : fault;
    }
    case Method::boolean:
      return convert_boolean(text, converted.text);
    case Method::boolean_words:
      return convert_words(text, converted.text);
    case Method::date:
      return convert_date(text, converted.text);
    case Method::time:
      return convert_time(text, writer, converted.text);
    case Method::datetime:
      return convert_datetime(text, zone, writer, converted.text);
    case Method::formatted:
      return format_->convert(text, zone, writer, converted.text);
    case Method::uuid:
      return convert_uuid(text, writer, converted.text);
    case Method::json:
      converted.text = text;
      return check_json(text, offset);
    case Method::binary:
      return convert_binary(text, writer, converted.text);
    case Method::hex:
      return convert_hex(text, writer, converted.text);
    case Method::base64:
      return convert_base64(text, writer, converted.text);
  }
  return Fault::malformed;
}

Fault Converter::convert_words(std::string_view text, std::string_view& canonical) const {
  if (contains(options_.true_values, text)) {
    canonical = canonical_true;
  } else if (contains(options_.false_values, text)) {
    canonical = canonical_false;
  } else {
    // Words of one's own replace the usual ones of their side only.
    const Fault fault = convert_boolean(text, canonical);
    if (fault != Fault::none) return fault;
    const auto& own = canonical == canonical_true ? options_.true_values : options_.false_values;
    return own.empty() ? Fault::none : Fault::malformed;
  }
  return Fault::none;
}

Fault Converter::convert_own(std::string_view text, ArenaWriter& writer,
                             Converted& converted) const {
  ConverterOptions canonical_options;
  canonical_options.type = options_.type;
  canonical_options.timezone = options_.timezone;
  const Method canonical = method_of(canonical_options);
  const Fault fault = convert_by(canonical, text, writer, converted);
  if (fault == Fault::none || canonical == method_) return fault;
  return convert_by(method_, text, writer, converted);
}

ConverterOptions converter_options(const SchemaField& field, std::chrono::minutes timezone) {
  return {.type = field.type,
          .format = field.format,
          .true_values = field.true_values,
          .false_values = field.false_values,
          .decimal_char = field.decimal_char,
          .group_char = field.group_char,
          .timezone = timezone};
}

}  // namespace freight::mapping
