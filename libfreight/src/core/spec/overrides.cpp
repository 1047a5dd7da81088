#include "core/spec/overrides.hpp"

#include <charconv>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "core/spec/json_reader.hpp"
#include "core/spec/limits.hpp"
#include "core/utf8.hpp"

namespace freight::core::spec {
namespace {

/// The tokens of a pointer, unescaped; nullopt when it is none.
std::optional<std::vector<std::string>> parse_pointer(std::string_view pointer) {
  std::vector<std::string> tokens;
  if (pointer.empty()) return tokens;
  if (pointer.front() != '/') return std::nullopt;
  std::size_t position = 0;
  while (position < pointer.size()) {
    std::string token;
    for (++position; position < pointer.size() && pointer[position] != '/'; ++position) {
      if (pointer[position] != '~') {
        token += pointer[position];
        continue;
      }
      ++position;
      const char escaped = position < pointer.size() ? pointer[position] : '\0';
      if (escaped != '0' && escaped != '1') return std::nullopt;
      token += escaped == '0' ? '~' : '/';
    }
    tokens.push_back(std::move(token));
  }
  return tokens;
}

/// Where a token points to in an array of `size` elements; `size` itself appends.
std::optional<std::size_t> parse_index(std::string_view token, std::size_t size) {
  if (token == "-") return size;
  if (token.empty() || (token.size() > 1 && token.front() == '0')) return std::nullopt;
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), index);
  if (error != std::errc{} || end != token.data() + token.size() || index > size) {
    return std::nullopt;
  }
  return index;
}

class Override {
 public:
  Override(const std::string& pointer, Findings& findings)
      : pointer_(pointer), findings_(findings) {}

  void set(JsonValue& at, std::span<const std::string> tokens, JsonValue value) {
    if (tokens.empty()) {
      at = std::move(value);
      return;
    }
    if (at.is_null()) at.value = JsonObject{};
    if (auto* const object = std::get_if<JsonObject>(&at.value)) {
      set(member(*object, tokens.front()), tokens.subspan(1), std::move(value));
    } else if (auto* const array = std::get_if<JsonArray>(&at.value)) {
      set_element(*array, tokens, std::move(value));
    } else if (auto* const records = std::get_if<JsonRecords>(&at.value)) {
      set_record(*records->texts, tokens, std::move(value));
    } else {
      refuse("the pointer leads through a value that is neither an object nor an array");
    }
  }

  void refuse(std::string detail) {
    findings_.add(pointer_, Code::invalid_value, "cannot be set: " + std::move(detail));
  }

 private:
  static JsonValue& member(JsonObject& object, const std::string& key) {
    for (JsonMember& candidate : object) {
      if (candidate.key == key) return candidate.value;
    }
    object.push_back({key, {}});
    return object.back().value;
  }

  void set_element(JsonArray& array, std::span<const std::string> tokens, JsonValue value) {
    const auto index = parse_index(tokens.front(), array.size());
    if (!index) return refuse("the array has no such element");
    if (*index == array.size()) array.emplace_back();
    set(array[*index], tokens.subspan(1), std::move(value));
  }

  /// A record is kept as text: it is read, changed and written again.
  void set_record(std::vector<std::string>& texts, std::span<const std::string> tokens,
                  JsonValue value) {
    const auto index = parse_index(tokens.front(), texts.size());
    if (!index) return refuse("the array has no such element");
    JsonValue record{JsonObject{}};
    if (*index < texts.size()) {
      const JsonReadOptions within{{"source", "records", tokens.front()}};
      JsonReadResult read = read_json(texts[*index], within, findings_);
      if (!read.value) return refuse("the record is too large to be changed");
      record = std::move(*read.value);
    }
    set(record, tokens.subspan(1), std::move(value));
    std::string text;
    append_json(text, record, JsonStyle::complete);
    if (*index == texts.size()) texts.emplace_back();
    texts[*index] = std::move(text);
  }

  const std::string& pointer_;
  Findings& findings_;
};

}  // namespace

void apply_override(JsonValue& document, const std::string& pointer, const std::string& text,
                    Findings& findings) {
  Override override(pointer, findings);
  if (!is_valid_utf8(pointer)) {
    findings.add("", Code::invalid_value, "cannot be set: the pointer is not valid UTF-8");
    return;
  }
  const auto tokens = parse_pointer(pointer);
  if (!tokens) {
    override.refuse("write a JSON pointer (RFC 6901), such as /destination/table");
    return;
  }
  if (!is_valid_utf8(text)) {
    override.refuse("the value is not valid UTF-8");
    return;
  }
  if (tokens->size() >= max_depth) {
    override.refuse("the pointer is more than " + std::to_string(max_depth) + " deep");
    return;
  }
  Findings within;
  JsonReadResult read = read_json(text, {*tokens}, within);
  if (read.value) {
    findings.append(std::move(within));
    override.set(document, *tokens, std::move(*read.value));
  } else if (read.syntax_error->beyond_limits) {
    override.refuse(read.syntax_error->detail);
  } else {
    override.set(document, *tokens, JsonValue{text});
  }
}

}  // namespace freight::core::spec
