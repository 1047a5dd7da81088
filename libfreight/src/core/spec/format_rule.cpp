#include "core/spec/format_rule.hpp"

namespace freight::core::spec {
namespace {

constexpr std::string_view known_letters = "YymdbBjHIMSfpz";

bool is_epoch(std::string_view format) { return format == "epoch_s" || format == "epoch_ms"; }

/// The letters of the format in their order; what is wrong goes to `problem`.
std::string letters_of(std::string_view format, std::string& problem) {
  std::string letters;
  for (std::size_t index = 0; index < format.size(); ++index) {
    if (format[index] != '%') continue;
    if (++index == format.size()) {
      problem = "ends with a single %";
      break;
    }
    const char letter = format[index];
    if (letter == '%') continue;
    if (known_letters.find(letter) == std::string_view::npos) {
      problem =
          "has an unknown letter after %; use %Y %y %m %d %b %B %j %H %I %M %S %f %p %z, "
          "epoch_s or epoch_ms";
      break;
    }
    letters += letter;
  }
  return letters;
}

std::string repeated_letter(std::string_view letters) {
  for (std::size_t index = 1; index < letters.size(); ++index) {
    if (letters.find(letters[index]) == index) continue;
    return std::string("has %") + letters[index] + " twice";
  }
  return "";
}

}  // namespace

std::string format_problem(std::string_view format, ValueType type) {
  if (type == ValueType::binary) {
    return format == "hex" || format == "base64" ? "" : R"(must be "hex" or "base64")";
  }
  if (type != ValueType::date && type != ValueType::time && type != ValueType::datetime) {
    return "is of no use for type " + std::string(to_string(type)) +
           "; only date, time, datetime and binary take one";
  }
  if (is_epoch(format)) {
    return type == ValueType::time ? "is of a moment, not of a time of day" : "";
  }
  std::string problem;
  const std::string letters = letters_of(format, problem);
  if (problem.empty()) problem = repeated_letter(letters);
  if (!problem.empty()) return problem;
  const auto has = [&letters](std::string_view any) {
    return letters.find_first_of(any) != std::string::npos;
  };
  const bool whole_date = has("Yy") && (has("j") || (has("mbB") && has("d")));
  if (type != ValueType::time && !whole_date) {
    return "names no whole date: it needs a year, and a month with a day or %j";
  }
  if (type == ValueType::time && has("YymdbBjz")) {
    return "has a date or a zone, which a time cannot hold";
  }
  if (type == ValueType::time && !has("HI")) return "names no hour";
  if (has("I") != has("p")) return "has only one of %I and %p, which need each other";
  if (has("H") && has("I")) return "has both %H and %I";
  if (has("Y") && has("y")) return "has both %Y and %y";
  return "";
}

std::string output_format_problem(std::string_view format) {
  if (is_epoch(format)) return "";
  std::string problem;
  const std::string letters = letters_of(format, problem);
  if (problem.empty() && letters.empty()) return "names nothing of a date or time";
  return problem;
}

}  // namespace freight::core::spec
