#include "core/spec/object_reader.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "core/nearest_name.hpp"

namespace freight::core::spec {
namespace {

std::string range_text(const WholeNumberRule& rule) {
  return "from " + std::to_string(rule.minimum) + " to " + std::to_string(rule.maximum);
}

bool is_whole(std::string_view digits) {
  return digits.find_first_of(".eE") == std::string_view::npos;
}

}  // namespace

ObjectReader::ObjectReader(SpecReading& reading, const JsonValue* value, const Location& location,
                           std::string_view what)
    : reading_(reading), location_(location), what_(what) {
  if (value == nullptr) return;
  object_ = value->object();
  if (object_ == nullptr) {
    reading_.findings.add(location_, Code::wrong_type,
                          "must be an object, not " + std::string(kind_name(*value)));
  }
}

const JsonValue* ObjectReader::find(std::string_view key) {
  if (std::find(known_.begin(), known_.end(), key) == known_.end()) known_.push_back(key);
  return object_ == nullptr ? nullptr : find_member(*object_, key);
}

const JsonValue* ObjectReader::find_unless_null(std::string_view key) {
  const JsonValue* const value = find(key);
  return value == nullptr || value->is_null() ? nullptr : value;
}

bool ObjectReader::boolean(std::string_view key, bool fallback) {
  bool result = fallback;
  if (const JsonValue* const value = find(key)) {
    if (const bool* const found = value->boolean()) {
      result = *found;
    } else {
      report_kind(key, "true or false", *value);
    }
  }
  add(key, JsonValue{result});
  return result;
}

std::uint64_t ObjectReader::whole_number(std::string_view key, const WholeNumberRule& rule) {
  std::uint64_t result = rule.fallback;
  if (const JsonValue* const value = find(key)) {
    const std::string* const digits = value->number();
    if (digits == nullptr) {
      report_kind(key, "a whole number", *value);
    } else if (!is_whole(*digits)) {
      report(key, Code::wrong_type, "must be a whole number, not " + *digits);
    } else {
      const auto number = parse_whole_number(*digits);
      if (number && *number >= rule.minimum && *number <= rule.maximum) {
        result = *number;
      } else {
        report(key, Code::value_out_of_range,
               "must be " + range_text(rule) + ", not " + in_quotes(*digits));
      }
    }
  }
  add(key, json_number(result));
  return result;
}

std::optional<std::uint64_t> ObjectReader::optional_whole_number(std::string_view key,
                                                                 const WholeNumberRule& rule) {
  const JsonValue* const value = object_ == nullptr ? nullptr : find_member(*object_, key);
  if (value != nullptr && !value->is_null()) return whole_number(key, rule);
  find(key);
  add(key, {});
  return std::nullopt;
}

std::optional<SpecText> ObjectReader::text(std::string_view key, const TextRule& rule) {
  const JsonValue* const value = find(key);
  if (value == nullptr) {
    if (rule.required) report_missing(key);
    return std::nullopt;
  }
  return text_at(*value, at(key), rule);
}

std::optional<SpecText> ObjectReader::text_at(const JsonValue& value, const Location& here,
                                              const TextRule& rule) {
  const auto report = [&](Code code, std::string detail) {
    reading_.findings.add(here, code, std::move(detail));
  };
  if (value.string() == nullptr) {
    report(Code::wrong_type, "must be a string, not " + std::string(kind_name(value)));
    return std::nullopt;
  }
  std::optional<SpecText> text = reading_.environment.text(*value.string(), here);
  if (!text) return std::nullopt;
  if (text->value.size() < rule.min_bytes) {
    report(Code::value_out_of_range, "must not be empty");
    return std::nullopt;
  }
  if (text->value.size() > rule.max_bytes) {
    report(Code::value_out_of_range,
           "must not be longer than " + std::to_string(rule.max_bytes) + " bytes");
    return std::nullopt;
  }
  if (text->value.find('\0') != std::string::npos) {
    report(Code::invalid_value, "must not hold a NUL character");
    return std::nullopt;
  }
  return text;
}

std::optional<std::string> ObjectReader::plain_text(std::string_view key, const TextRule& rule) {
  std::optional<SpecText> found = text(key, rule);
  if (!found) return std::nullopt;
  add(key, JsonValue{std::move(found->written)});
  return std::move(found->value);
}

std::optional<std::vector<std::string>> ObjectReader::texts(std::string_view key,
                                                            std::size_t min_bytes,
                                                            std::size_t max_count) {
  const JsonValue* const value = find_unless_null(key);
  if (value == nullptr) return std::nullopt;
  const JsonArray* const array = value->array();
  if (array == nullptr) {
    report_kind(key, "an array of strings", *value);
    return std::nullopt;
  }
  if (array->size() > max_count) {
    report(key, Code::value_out_of_range,
           "must not have more than " + std::to_string(max_count) + " elements");
    return std::nullopt;
  }
  const Location here = at(key);
  std::vector<std::string> result;
  JsonArray resolved;
  for (std::size_t index = 0; index < array->size(); ++index) {
    const Location element = here.index(index);
    const std::string* const written = (*array)[index].string();
    if (written == nullptr) {
      reading_.findings.add(element, Code::wrong_type,
                            "must be a string, not " + std::string(kind_name((*array)[index])));
      continue;
    }
    std::optional<SpecText> text = reading_.environment.text(*written, element);
    if (!text) continue;
    if (text->value.size() < min_bytes || text->value.size() > max_identifier_bytes) {
      reading_.findings.add(element, Code::value_out_of_range,
                            "must be of " + std::to_string(min_bytes) + " to " +
                                std::to_string(max_identifier_bytes) + " bytes");
      continue;
    }
    result.push_back(std::move(text->value));
    resolved.push_back(JsonValue{std::move(text->written)});
  }
  add(key, JsonValue{std::move(resolved)});
  return result;
}

void ObjectReader::unsupported(std::string_view key, std::string_view kind) {
  const JsonValue* const value = find_unless_null(key);
  if (value == nullptr) return;
  if (kind_name(*value) != kind) return report_kind(key, kind, *value);
  report(key, Code::unsupported_key, "this version of Freight cannot do this; leave the key out");
}

std::optional<std::size_t> ObjectReader::choose(std::string_view key,
                                                std::span<const std::string_view> names,
                                                std::string& chosen) {
  const JsonValue* const value = find(key);
  if (value == nullptr) return std::nullopt;
  if (value->string() == nullptr) {
    report_kind(key, joined_names(names), *value);
    return std::nullopt;
  }
  const Location here = at(key);
  std::optional<SpecText> text = reading_.environment.text(*value->string(), here);
  if (!text) return std::nullopt;
  const auto found = std::find(names.begin(), names.end(), text->value);
  if (found == names.end()) {
    report(key, Code::invalid_value,
           "cannot be " + in_quotes(text->written) + "; " + suggestion(text->written, names));
    return std::nullopt;
  }
  chosen = std::move(text->written);
  return static_cast<std::size_t>(found - names.begin());
}

void ObjectReader::add(std::string_view key, JsonValue value) {
  resolved_.push_back({std::string(key), std::move(value)});
}

void ObjectReader::report(std::string_view key, Code code, std::string detail) {
  const Location here = at(key);
  reading_.findings.add(here, code, std::move(detail));
}

void ObjectReader::report_kind(std::string_view key, std::string_view expected,
                               const JsonValue& found) {
  report(key, Code::wrong_type,
         "must be " + std::string(expected) + ", not " + std::string(kind_name(found)));
}

void ObjectReader::report_missing(std::string_view key) {
  if (object_ == nullptr) return;  // said already
  report(key, Code::missing_key, std::string(what_) + " needs this key");
}

void ObjectReader::finish(std::span<const std::string_view> elsewhere, std::string_view hint) {
  if (object_ == nullptr) return;
  const auto is_in = [](std::span<const std::string_view> names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  for (const JsonMember& member : *object_) {
    if (is_in(known_, member.key)) continue;
    if (reading_.findings.full()) {
      report(member.key, Code::unknown_key, {});
    } else if (is_in(elsewhere, member.key)) {
      report(member.key, Code::unknown_key,
             "is no key of " + std::string(what_) + "; " + std::string(hint));
    } else {
      report(member.key, Code::unknown_key,
             "is no key of " + std::string(what_) + "; " + suggestion(member.key, known_));
    }
  }
}

std::optional<std::uint64_t> parse_whole_number(std::string_view digits) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return number;
}

JsonValue json_number(std::uint64_t number) {
  return JsonValue{JsonNumber{std::to_string(number)}};
}

JsonValue json_text(std::string_view text) { return JsonValue{std::string(text)}; }

JsonValue json_texts(const std::vector<std::string>& texts) {
  JsonArray array;
  for (const std::string& text : texts) array.push_back(JsonValue{text});
  return JsonValue{std::move(array)};
}

std::string suggestion(std::string_view name, std::span<const std::string_view> valid) {
  const std::string_view nearest = nearest_name(name, valid);
  if (!nearest.empty()) return "the nearest is " + in_quotes(nearest);
  return "use " + joined_names(valid);
}

std::string joined_names(std::span<const std::string_view> names) {
  std::string text;
  for (std::size_t index = 0; index < names.size(); ++index) {
    if (index > 0) text += index + 1 == names.size() ? " or " : ", ";
    text += in_quotes(names[index]);
  }
  return text;
}

}  // namespace freight::core::spec
