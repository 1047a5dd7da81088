#include "core/spec/environment.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "core/ascii.hpp"
#include "core/utf8.hpp"

namespace freight::core::spec {
namespace {

constexpr std::string_view opening = "${env:";

bool is_variable_name(std::string_view name) {
  const auto is_letter = [](char character) {
    return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
           character == '_';
  };
  if (name.empty() || is_digit(name.front())) return false;
  return std::all_of(name.begin(), name.end(),
                     [&](char character) { return is_letter(character) || is_digit(character); });
}

bool covers(const TextRange& range, std::size_t begin, std::size_t end) {
  return range.begin <= begin && end <= range.end;
}

}  // namespace

std::optional<SpecText> Environment::text(const std::string& written, const Location& location) {
  SpecText text;
  text.written = written;
  bool complete = true;
  std::size_t position = 0;
  while (true) {
    const std::size_t begin = written.find(opening, position);
    text.value.append(written, position, begin - position);
    if (begin == std::string::npos) return complete ? std::optional(std::move(text)) : std::nullopt;
    const std::size_t name_begin = begin + opening.size();
    const std::size_t name_end = written.find('}', name_begin);
    const std::string name =
        name_end == std::string::npos ? "" : written.substr(name_begin, name_end - name_begin);
    if (!is_variable_name(name)) {
      findings_.add(location, Code::invalid_value,
                    "${env: must be followed by the name of a variable and a closing brace");
      return std::nullopt;
    }
    used_ = true;
    const std::size_t value_begin = text.value.size();
    const std::optional<std::string> value = look_up(name, location);
    if (value) text.value += *value;
    if (!value) complete = false;
    text.substitutions.push_back({value_begin, text.value.size(), begin, name_end + 1});
    position = name_end + 1;
  }
}

std::optional<std::string> Environment::look_up(const std::string& name, const Location& location) {
  if (!lookup_) {
    findings_.add(
        location, Code::missing_environment,
        "${env:" + name + "} cannot be replaced here; only the command line reads the environment");
    return std::nullopt;
  }
  std::optional<std::string> value = lookup_(name);
  if (!value) {
    findings_.add(location, Code::missing_environment,
                  "the environment variable " + name + " is not set");
    return std::nullopt;
  }
  if (!is_valid_utf8(*value) || value->find('\0') != std::string::npos) {
    findings_.add(location, Code::invalid_value,
                  "the environment variable " + name + " holds bytes that are not UTF-8 text");
    return std::nullopt;
  }
  return value;
}

JsonValue Environment::replaced(const JsonValue& value, const Location& location) {
  if (const std::string* const written = value.string()) {
    std::optional<SpecText> replacement = text(*written, location);
    return JsonValue{replacement ? std::move(replacement->value) : std::string{}};
  }
  if (const JsonArray* const array = value.array()) {
    JsonArray copy;
    copy.reserve(array->size());
    for (std::size_t index = 0; index < array->size(); ++index) {
      copy.push_back(replaced((*array)[index], location.index(index)));
    }
    return JsonValue{std::move(copy)};
  }
  if (const JsonObject* const object = value.object()) {
    JsonObject copy;
    copy.reserve(object->size());
    for (const JsonMember& member : *object) {
      copy.push_back({member.key, replaced(member.value, location.key(member.key))});
    }
    return JsonValue{std::move(copy)};
  }
  return value;
}

std::string written_without(const SpecText& text, const std::vector<TextRange>& ranges) {
  const auto left_out = [&ranges](std::size_t begin, std::size_t end) {
    return std::any_of(ranges.begin(), ranges.end(),
                       [&](const TextRange& range) { return covers(range, begin, end); });
  };
  std::string kept;
  std::size_t position = 0;
  const auto keep_literal_until = [&](std::size_t end) {
    for (; position < end; ++position) {
      if (!left_out(position, position + 1)) kept += text.value[position];
    }
  };
  for (const SpecText::Substitution& substitution : text.substitutions) {
    keep_literal_until(substitution.begin);
    // An empty variable at the edge of a range belongs to no one: it stays.
    const bool empty = substitution.begin == substitution.end;
    if (empty || !left_out(substitution.begin, substitution.end)) {
      kept.append(text.written, substitution.written_begin,
                  substitution.written_end - substitution.written_begin);
    }
    position = substitution.end;
  }
  keep_literal_until(text.value.size());
  return kept;
}

bool cuts_placeholder(const SpecText& text, const std::vector<TextRange>& ranges) {
  return std::any_of(ranges.begin(), ranges.end(), [&text](const TextRange& range) {
    return std::any_of(text.substitutions.begin(), text.substitutions.end(),
                       [&range](const SpecText::Substitution& substitution) {
                         const bool meets = std::max(range.begin, substitution.begin) <
                                            std::min(range.end, substitution.end);
                         return meets && !covers(range, substitution.begin, substitution.end);
                       });
  });
}

bool is_substituted(const SpecText& text, TextRange range) {
  std::size_t position = range.begin;
  for (const SpecText::Substitution& substitution : text.substitutions) {
    if (substitution.begin > position) break;
    position = std::max(position, std::min(substitution.end, range.end));
  }
  return position >= range.end;
}

}  // namespace freight::core::spec
