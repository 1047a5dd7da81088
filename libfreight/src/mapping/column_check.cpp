#include "mapping/column_check.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>

#include "core/ascii.hpp"
#include "mapping/constraints.hpp"
#include "mapping/values/numbers.hpp"
#include "mapping/values/server_grammar.hpp"
#include "mapping/values/unicode.hpp"

namespace freight::mapping {
namespace {

bool is_temporal(ValueType type) {
  return type == ValueType::date || type == ValueType::time || type == ValueType::datetime;
}

/// A number, by its type or by what it looks like: 20241231 is a date, 235959 a time, 1735689599 is
/// seconds since 1970, whatever the server would make of it.
bool is_number(const Value& value) {
  if (value.type == ValueType::integer || value.type == ValueType::number ||
      value.type == ValueType::decimal) {
    return true;
  }
  std::string_view canonical;
  if (convert_decimal(server_trim(value.text()), canonical) != Fault::none) return false;
  const std::size_t size = canonical.size();
  return size != 4 && size != 6 && size != 8 && size != 14;
}

std::int64_t largest_integer(const DestinationColumn& column) {
  const std::uint32_t bits = column.integer_bits.value_or(64);
  return static_cast<std::int64_t>((std::uint64_t{1} << (bits - 1)) - 1);
}

bool within(std::int64_t value, const DestinationColumn& column) {
  const std::int64_t largest = largest_integer(column);
  return value <= largest && value >= -largest - 1;
}

/// PostgreSQL's COPY cuts off spaces beyond the length without a word.
bool fits_length(std::string_view text, std::size_t length) {
  if (text.size() <= length) return true;
  std::size_t code_points = count_code_points(text);
  while (code_points > length && text.ends_with(' ')) {
    text.remove_suffix(1);
    --code_points;
  }
  return code_points <= length;
}

bool fits(const DecimalParts& parts, const DestinationColumn& column) {
  return !column.precision || fits_numeric(parts, *column.precision, column.scale.value_or(0));
}

/// A look at the mere number of digits, which settles it for nearly every value.
bool fits_plainly(std::string_view text, const DestinationColumn& column) {
  const char* position = text.data();
  const char* const end = position + text.size();
  if (position != end && *position == '-') ++position;
  const char* const whole = position;
  while (position != end && core::is_digit(*position)) ++position;
  const std::int64_t whole_digits = position - whole;
  std::int64_t fraction_digits = 0;
  if (position != end && *position == '.') {
    const char* const fraction = ++position;
    while (position != end && core::is_digit(*position)) ++position;
    fraction_digits = position - fraction;
  }
  if (position != end || whole_digits == 0) return false;
  const std::int64_t scale = column.scale.value_or(0);
  return !column.precision ||
         (fraction_digits <= scale && whole_digits <= *column.precision - scale);
}

}  // namespace

ColumnCheck::ColumnCheck(const DestinationColumn& column, const OutputColumn& output)
    : passing_sizes_(0), kind_(kind_of(column, output)), loss_(column), column_(column) {
  passing_sizes_ = passing_sizes(output);
}

std::uint64_t ColumnCheck::passing_sizes(const OutputColumn& output) const {
  if (loss_.may_lose()) return 0;
  if (kind_ == Kind::any) return any_size;
  // A text has at most as many code points as bytes.
  if (kind_ == Kind::text_length) return std::uint64_t{*column_.max_length} + 1;
  // A canonical integer of so few digits is within 16 or 32 bits.
  if (kind_ == Kind::integer && output.typed && output.type == ValueType::integer)
    return column_.integer_bits.value_or(64) == 16 ? 5 : 10;
  return 0;
}

ColumnCheck::Kind ColumnCheck::kind_of(const DestinationColumn& column,
                                       const OutputColumn& output) {
  if (!column.type) return Kind::any;
  if (output.typed && output.type == *column.type) return kind_of_same(column, output.type);
  switch (*column.type) {
    case ValueType::string:
      return column.max_length ? Kind::text_length : Kind::any;
    case ValueType::integer:
      return Kind::integer;
    case ValueType::decimal:
      return Kind::numeric;
    case ValueType::number:
      return Kind::number;
    case ValueType::boolean:
      return Kind::boolean;
    case ValueType::date:
    case ValueType::time:
    case ValueType::datetime:
      return output.typed && is_temporal(output.type) ? Kind::any : Kind::temporal;
    case ValueType::uuid:
      return Kind::uuid;
    case ValueType::binary:
      return column.binary_only ? Kind::binary : Kind::any;
    case ValueType::json:
      break;
  }
  return Kind::json;
}

ColumnCheck::Kind ColumnCheck::kind_of_same(const DestinationColumn& column, ValueType type) {
  switch (type) {
    case ValueType::string:
      return column.max_length ? Kind::text_length : Kind::any;
    case ValueType::integer:
      return column.integer_bits.value_or(64) < 64 ? Kind::integer : Kind::any;
    case ValueType::decimal:
      return column.precision ? Kind::numeric : Kind::any;
    default:
      return Kind::any;
  }
}

bool ColumnCheck::accepts_text(const Value& value) const {
  const std::string_view text = value.text();
  switch (kind_) {
    case Kind::text_length:
      return fits_length(text, *column_.max_length);
    case Kind::integer:
      return accepts_integer(value);
    case Kind::numeric: {
      if (fits_plainly(text, column_)) return true;
      std::string_view canonical;
      const ServerNumber read = read_server_decimal(server_trim(text), canonical);
      return read == ServerNumber::special ||
             (read == ServerNumber::plain && fits(decimal_parts(canonical), column_));
    }
    case Kind::number: {
      // SQLite keeps a boolean as a number.
      std::string_view canonical;
      return value.type == ValueType::boolean ||
             read_server_decimal(server_trim(text), canonical) != ServerNumber::impossible;
    }
    case Kind::boolean:
      return may_be_boolean(text);
    case Kind::temporal:
      return !is_number(value) && may_be_temporal(text);
    case Kind::uuid:
      return may_be_uuid(text);
    case Kind::json:
      return may_be_json(text);
    case Kind::binary:
      return value.type == ValueType::binary;
    case Kind::any:
      break;
  }
  return true;
}

bool ColumnCheck::accepts_integer(const Value& value) const {
  // SQLite keeps a boolean as a number, and takes 1.0 and 1e3 for integers where PostgreSQL does
  // not.
  if (value.type == ValueType::boolean) return true;
  const std::string_view trimmed = server_trim(value.text());
  std::optional<std::int64_t> number;
  switch (read_server_integer(trimmed, number)) {
    case ServerNumber::plain:
      return number && within(*number, column_);
    case ServerNumber::special:
      return true;
    case ServerNumber::impossible:
      break;
  }
  std::string_view canonical;
  return read_server_decimal(trimmed, canonical) == ServerNumber::plain &&
         decimal_parts(canonical).scale <= 0;
}

std::string ColumnCheck::titled() const {
  std::string title = "The column \"" + column_.name + "\"";
  if (!column_.native_type.empty()) title += " (" + column_.native_type + ")";
  return title;
}

Diagnosis ColumnCheck::diagnose_length(std::string_view text) const {
  const std::string most = std::to_string(*column_.max_length);
  return {.code = Code::too_long,
          .expected = "at most " + most + " characters",
          .message = titled() + " takes at most " + most + " characters; the value has " +
                     std::to_string(count_code_points(text)) + "."};
}

Diagnosis ColumnCheck::diagnose_number_as_time(std::string_view text) const {
  const std::string type(to_string(*column_.type));
  return {.code = Code::type_mismatch,
          .expected = "a " + type,
          .message = titled() + " takes a " + type + ", and " + in_quotes(text) + " is a number.",
          .hint =
              "If it counts seconds since 1970, give the field the type \"datetime\" and the "
              "format \"epoch_s\"; if milliseconds, \"epoch_ms\"."};
}

Diagnosis ColumnCheck::diagnose_range(std::string_view text) const {
  Diagnosis diagnosis{.code = Code::out_of_range};
  diagnosis.message = titled() + " cannot hold " + in_quotes(text) + ".";
  if (kind_ == Kind::integer) {
    const std::int64_t largest = largest_integer(column_);
    diagnosis.expected =
        "an integer from " + std::to_string(-largest - 1) + " to " + std::to_string(largest);
    return diagnosis;
  }
  const std::int64_t scale = column_.scale.value_or(0);
  diagnosis.expected = "a number of at most " + std::to_string(*column_.precision - scale) +
                       " digits before the decimal point and " + std::to_string(scale) + " after";
  if (decimal_parts(text).scale > scale)
    diagnosis.hint = "Freight does not round. Give the column a larger scale.";
  return diagnosis;
}

Diagnosis ColumnCheck::diagnose(const Value& value) const {
  if (value.is_null())
    return {.code = Code::not_null_violation,
            .expected = "a value",
            .message = titled() + " takes no NULL, and the record has no value for it.",
            .hint = "Give the column a \"default\" in the mapping, or allow NULL in the table."};
  const std::string_view text = value.text();
  std::optional<std::int64_t> number;
  std::string_view canonical;
  const std::string_view trimmed = server_trim(text);
  if (is_loss(value)) return loss_.diagnose(value, titled());
  switch (kind_) {
    case Kind::text_length:
      return diagnose_length(text);
    case Kind::integer:
      if (read_server_integer(trimmed, number) == ServerNumber::plain)
        return diagnose_range(trimmed);
      break;
    case Kind::numeric:
      if (read_server_decimal(trimmed, canonical) == ServerNumber::plain)
        return diagnose_range(canonical);
      break;
    default:
      break;
  }
  if (kind_ == Kind::temporal && is_number(value)) return diagnose_number_as_time(text);
  ConverterOptions expected;
  expected.type = *column_.type;
  Diagnosis diagnosis = Converter(expected).diagnose(text, Fault::malformed);
  diagnosis.message = titled() + " cannot hold " + in_quotes(text) + ".";
  diagnosis.hint.clear();
  return diagnosis;
}

}  // namespace freight::mapping
