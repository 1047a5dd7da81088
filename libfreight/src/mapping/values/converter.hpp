#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "freight/job_spec.hpp"
#include "freight/record.hpp"
#include "mapping/values/arena_writer.hpp"
#include "mapping/values/fault.hpp"
#include "mapping/values/time_format.hpp"

namespace freight::mapping {

/// A canonical text, and the number that an integer's was found to be on the way.
struct Converted {
  std::string_view text;
  std::int64_t integer = 0;
};

/// What there is to say of a text that is not of a type.
struct Diagnosis {
  Code code = Code::type_mismatch;
  std::string expected;
  std::string message;
  std::string hint;
};

struct ConverterOptions {
  ValueType type = ValueType::string;
  std::optional<std::string> format;
  std::vector<std::string> true_values;
  std::vector<std::string> false_values;
  std::string decimal_char = ".";
  std::string group_char;
  std::chrono::minutes timezone{0};
};

/// Turns texts into the canonical texts of one type. Immutable and thread-safe.
class Converter {
 public:
  /// Throws Error(invalid_value) for a format that is not one.
  explicit Converter(ConverterOptions options);

  ValueType type() const { return options_.type; }

  /// The text of a source's field, not missing. `kind` matters where a source's own types need no
  /// reading by the field's options: a JSON number has no decimalChar, a JSON boolean no
  /// trueValues.
  Fault convert(std::string_view text, FieldKind kind, ArenaWriter& writer,
                Converted& converted) const {
    const Method method = kind < FieldKind::integer ? method_ : method_for(kind);
    return convert_by(method, text, writer, converted);
  }

  /// A text of the spec itself (a limit, a default): canonical form first, else in the field's own.
  Fault convert_own(std::string_view text, ArenaWriter& writer, Converted& converted) const;

  /// Says what is wrong with a text for which convert() gave `fault`.
  Diagnosis diagnose(std::string_view text, Fault fault) const;

 private:
  /// How, with the options taken into account: chosen once.
  enum class Method : std::uint8_t {
    text,
    integer,
    grouped_integer,
    decimal,
    separated_decimal,
    number,
    separated_number,
    boolean,
    boolean_words,
    date,
    time,
    datetime,
    formatted,
    uuid,
    json,
    binary,
    hex,
    base64,
  };

  static Method method_of(const ConverterOptions& options);
  static Method plain(Method method);
  /// For a text that its source has typed.
  Method method_for(FieldKind kind) const;

  Fault convert_by(Method method, std::string_view text, ArenaWriter& writer,
                   Converted& converted) const;
  Fault convert_words(std::string_view text, std::string_view& canonical) const;
  std::string expectation() const;
  std::string malformed_hint(std::string_view text) const;

  ConverterOptions options_;
  Method method_;
  std::optional<TimeFormat> format_;
};

/// The options of a schema's field.
ConverterOptions converter_options(const SchemaField& field, std::chrono::minutes timezone);

/// A usual format of values that are not written as ISO 8601, for messages.
std::string_view example_format(ValueType type);

/// `text` in quotes for a message, cut to a length that a person reads.
std::string in_quotes(std::string_view text);

}  // namespace freight::mapping
