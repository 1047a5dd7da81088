#include "mapping/transforms/text_transform.hpp"
#include "mapping/values/time_writer.hpp"

namespace freight::mapping {
namespace {

/// A format that says a time of day, or a moment, makes datetimes.
ValueType type_of(std::string_view format) {
  if (format == "epoch_s" || format == "epoch_ms") return ValueType::datetime;
  for (std::size_t at = format.find('%'); at != std::string_view::npos && at + 1 < format.size();
       at = format.find('%', at + 2)) {
    if (std::string_view("HIMSfpz").find(format[at + 1]) != std::string_view::npos)
      return ValueType::datetime;
  }
  return ValueType::date;
}

class ParseDate final : public TextTransform {
 public:
  ParseDate(const std::string& format, std::chrono::minutes zone)
      : converter_({.type = type_of(format), .format = format, .timezone = zone}),
        format_(format) {}

  void apply(TransformedText& value, std::string&, ArenaWriter& writer) const override {
    Converted converted;
    const Fault fault = converter_.convert(value.text, FieldKind::quoted, writer, converted);
    if (fault == Fault::none) {
      value.text = converted.text;
      return;
    }
    value.error = converter_.diagnose(value.text, fault);
    value.error->hint = "The format of the \"parse_date\" is " + in_quotes(format_) + ".";
  }

 private:
  Converter converter_;
  std::string format_;
};

class FormatDate final : public TextTransform {
 public:
  FormatDate(const std::string& format, std::chrono::minutes zone)
      : writer_(format, static_cast<int>(zone.count())) {}

  void apply(TransformedText& value, std::string& out, ArenaWriter&) const override {
    const Fault fault = writer_.write(value.text, out);
    if (fault == Fault::none) {
      value.text = out;
      return;
    }
    ConverterOptions options;
    options.type = ValueType::datetime;
    value.error = Converter(options).diagnose(value.text, fault);
    if (fault == Fault::malformed) {
      value.error->expected = "a date, time or datetime as ISO 8601";
      value.error->message = in_quotes(value.text) + " cannot be written in the format " +
                             in_quotes(writer_.format()) + ".";
    }
    value.error->hint = "\"format_date\" reads ISO 8601; other forms need a \"parse_date\" before.";
  }

 private:
  TimeWriter writer_;
};

}  // namespace

std::unique_ptr<const TextTransform> make_parse_date(const Transform& transform,
                                                     std::chrono::minutes zone) {
  return std::make_unique<const ParseDate>(transform.argument, zone);
}

std::unique_ptr<const TextTransform> make_format_date(const Transform& transform,
                                                      std::chrono::minutes zone) {
  return std::make_unique<const FormatDate>(transform.argument, zone);
}

}  // namespace freight::mapping
