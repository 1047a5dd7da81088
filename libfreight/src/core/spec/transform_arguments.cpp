#include "core/spec/transform_arguments.hpp"

#include <charconv>
#include <utility>

#include "core/spec/format_rule.hpp"
#include "core/spec/pointer_rule.hpp"
#include "core/spec/sections.hpp"

namespace freight::core::spec {
namespace {

constexpr std::int64_t farthest_index = 1'000'000'000;
/// Every record would grow by so much.
constexpr std::int64_t widest_padding = 10'000;

struct Range {
  std::int64_t least = 0;
  std::int64_t most = 0;
};

/// Reads the arguments of one transform. Each function reports what is wrong and gives nullopt.
class ArgumentReader {
 public:
  ArgumentReader(SpecReading& reading, const JsonValue& value, const Location& location)
      : reading_(reading), value_(value), location_(location) {}

  std::optional<Transform> read(TransformKind kind) {
    Transform transform{.kind = kind};
    return fill(transform) ? std::optional(std::move(transform)) : std::nullopt;
  }

 private:
  bool fill(Transform& transform) {
    switch (transform.kind) {
      case TransformKind::replace:
        return pair("[from, to]") && text(0, 1, transform.argument) &&
               text(1, 0, transform.replacement);
      case TransformKind::regex_replace:
        return pair("[pattern, to]") && fill_regex(transform);
      case TransformKind::split:
        return pair("[separator, index]") && text(0, 1, transform.argument) &&
               number(1, {-farthest_index, farthest_index}, transform.index);
      case TransformKind::substring:
        return pair("[start, length]") &&
               number(0, {-farthest_index, farthest_index}, transform.index) &&
               length(1, farthest_index, transform);
      case TransformKind::truncate:
        return fill_length(value_, location_, farthest_index, transform);
      case TransformKind::pad_left:
        return pair("[width, character]") && length(0, widest_padding, transform) &&
               fill_character(transform);
      case TransformKind::parse_date:
      case TransformKind::format_date:
        return fill_format(transform);
      case TransformKind::hash:
        return fill_hash(transform);
      case TransformKind::json_pointer:
        return fill_pointer(transform);
      default:
        return true;  // takes no arguments
    }
  }

  bool fill_regex(Transform& transform) {
    const Location at = location_.index(0);
    const auto pattern = whole_text((*value_.array())[0], at, 0);
    if (!pattern) return false;
    transform.argument = pattern->value;
    check_pattern(reading_, *pattern, at);
    if (!text(1, 0, transform.replacement)) return false;
    if (!pattern_problem(pattern->value).empty()) return false;
    const std::string problem = replacement_problem(transform.argument, transform.replacement);
    if (problem.empty()) return true;
    return report(location_.index(1), Code::invalid_pattern,
                  "does not fit the pattern: " + problem + R"( (\1 is its first group, \\ a \))");
  }

  bool fill_character(Transform& transform) {
    if (!text(1, 1, transform.argument)) return false;
    const auto is_continuation = [](char byte) {
      return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U;
    };
    for (std::size_t index = 1; index < transform.argument.size(); ++index) {
      if (is_continuation(transform.argument[index])) continue;
      return report(location_.index(1), Code::invalid_value, "must be a single character");
    }
    return true;
  }

  bool fill_format(Transform& transform) {
    const auto format = whole_text(value_, location_, 1);
    if (!format) return false;
    transform.argument = format->value;
    const std::string problem = transform.kind == TransformKind::parse_date
                                    ? format_problem(format->value, ValueType::datetime)
                                    : output_format_problem(format->value);
    return problem.empty() || report(location_, Code::invalid_value, problem);
  }

  bool fill_hash(Transform& transform) {
    const auto name = whole_text(value_, location_, 1);
    if (!name) return false;
    transform.argument = name->value;
    return name->value == "sha256" ||
           report(location_, Code::invalid_value,
                  "cannot be " + in_quotes(name->written) + "; use \"sha256\"");
  }

  bool fill_pointer(Transform& transform) {
    const auto pointer = whole_text(value_, location_, 0);
    if (!pointer) return false;
    transform.argument = pointer->value;
    return is_json_pointer(pointer->value) ||
           report(location_, Code::invalid_value,
                  "must be a JSON pointer such as \"/address/city\"; in a name ~ is written ~0 and "
                  "/ is written ~1");
  }

  /// True for an array of two.
  bool pair(std::string_view shape) {
    const JsonArray* const array = value_.array();
    if (array != nullptr && array->size() == 2) return true;
    return report(location_, array == nullptr ? Code::wrong_type : Code::invalid_value,
                  "must be " + std::string(shape));
  }

  bool text(std::size_t index, std::size_t min_bytes, std::string& into) {
    const Location at = location_.index(index);
    auto found = whole_text((*value_.array())[index], at, min_bytes);
    if (!found) return false;
    into = std::move(found->value);
    return true;
  }

  bool number(std::size_t index, const Range& range, std::int64_t& into) {
    const Location at = location_.index(index);
    return whole_number((*value_.array())[index], at, range, into);
  }

  bool length(std::size_t index, std::int64_t longest, Transform& transform) {
    const Location at = location_.index(index);
    return fill_length((*value_.array())[index], at, longest, transform);
  }

  bool fill_length(const JsonValue& value, const Location& at, std::int64_t longest,
                   Transform& transform) {
    std::int64_t length = 0;
    if (!whole_number(value, at, {1, longest}, length)) return false;
    transform.length = static_cast<std::uint64_t>(length);
    return true;
  }

  std::optional<SpecText> whole_text(const JsonValue& value, const Location& at,
                                     std::size_t min_bytes) {
    if (value.string() == nullptr) {
      report(at, Code::wrong_type, "must be a string, not " + std::string(kind_name(value)));
      return std::nullopt;
    }
    auto found = reading_.environment.text(*value.string(), at);
    if (!found) return std::nullopt;
    if (found->value.size() >= min_bytes && found->value.size() <= max_pattern_bytes) return found;
    report(at, Code::value_out_of_range,
           found->value.empty()
               ? "must not be empty"
               : "must not be longer than " + std::to_string(max_pattern_bytes) + " bytes");
    return std::nullopt;
  }

  bool whole_number(const JsonValue& value, const Location& at, const Range& range,
                    std::int64_t& into) {
    const std::string* const digits = value.number();
    if (digits == nullptr || digits->find_first_of(".eE") != std::string::npos) {
      return report(at, Code::wrong_type,
                    "must be a whole number, not " +
                        (digits == nullptr ? std::string(kind_name(value)) : in_quotes(*digits)));
    }
    const auto [end, error] =
        std::from_chars(digits->data(), digits->data() + digits->size(), into);
    if (error == std::errc{} && into >= range.least && into <= range.most) return true;
    return report(at, Code::value_out_of_range,
                  "must be from " + std::to_string(range.least) + " to " +
                      std::to_string(range.most) + ", not " + in_quotes(*digits));
  }

  bool report(const Location& at, Code code, std::string detail) {
    reading_.findings.add(at, code, std::move(detail));
    return false;
  }

  SpecReading& reading_;
  const JsonValue& value_;
  const Location& location_;
};

}  // namespace

std::optional<Transform> read_transform_arguments(SpecReading& reading, TransformKind kind,
                                                  const JsonValue& value,
                                                  const Location& location) {
  return ArgumentReader(reading, value, location).read(kind);
}

}  // namespace freight::core::spec
