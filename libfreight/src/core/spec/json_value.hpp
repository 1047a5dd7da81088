#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace freight::core::spec {

/// A number with the digits as written: nothing is lost to a binary float.
struct JsonNumber {
  std::string digits;
  friend bool operator==(const JsonNumber&, const JsonNumber&) = default;
};

struct JsonValue;
struct JsonMember;
using JsonArray = std::vector<JsonValue>;
/// In the order of the text; no key stands twice.
using JsonObject = std::vector<JsonMember>;

/// The elements of /source/records, each as compact JSON text: a tree of them would take many times
/// the memory. Copies share the texts.
struct JsonRecords {
  std::shared_ptr<std::vector<std::string>> texts;
};

/// One JSON value of a spec.
struct JsonValue {
  using Variant = std::variant<std::nullptr_t, bool, JsonNumber, std::string, JsonArray, JsonObject,
                               JsonRecords>;
  Variant value;

  // Defined where JsonMember is complete.
  JsonValue() noexcept;
  explicit JsonValue(Variant of) noexcept;
  JsonValue(const JsonValue&);
  JsonValue(JsonValue&&) noexcept;
  JsonValue& operator=(const JsonValue&);
  JsonValue& operator=(JsonValue&&) noexcept;
  ~JsonValue();

  bool is_null() const { return std::holds_alternative<std::nullptr_t>(value); }
  const bool* boolean() const { return std::get_if<bool>(&value); }
  const std::string* string() const { return std::get_if<std::string>(&value); }
  const JsonArray* array() const { return std::get_if<JsonArray>(&value); }
  const JsonRecords* records() const { return std::get_if<JsonRecords>(&value); }
  /// The digits of a number.
  const std::string* number() const;
  const JsonObject* object() const { return std::get_if<JsonObject>(&value); }
};

struct JsonMember {
  std::string key;
  JsonValue value;
};

/// The value of a key, or nullptr.
const JsonValue* find_member(const JsonObject& object, std::string_view key);

/// What a value is, for messages: "a string", "null", …
std::string_view kind_name(const JsonValue& value);

enum class JsonStyle {
  complete,   ///< members in their order
  canonical,  ///< members sorted by the bytes of their keys
  display,    ///< like complete, with the count of the inline records in their place
};

/// Appends the value without white space.
void append_json(std::string& out, const JsonValue& value, JsonStyle style);

}  // namespace freight::core::spec
