#include "core/spec/json_value.hpp"

#include <algorithm>
#include <utility>

#include "core/json_text.hpp"

namespace freight::core::spec {
namespace {

class Writer {
 public:
  Writer(std::string& out, JsonStyle style) : out_(out), style_(style) {}

  void write(const JsonValue& value) { std::visit(*this, value.value); }

  void operator()(std::nullptr_t) { out_ += "null"; }
  void operator()(bool value) { out_ += value ? "true" : "false"; }
  void operator()(const JsonNumber& number) { out_ += number.digits; }
  void operator()(const std::string& text) { append_json_string(out_, text); }

  void operator()(const JsonArray& array) {
    out_ += '[';
    for (std::size_t index = 0; index < array.size(); ++index) {
      if (index > 0) out_ += ',';
      write(array[index]);
    }
    out_ += ']';
  }

  void operator()(const JsonObject& object) {
    std::vector<const JsonMember*> members;
    members.reserve(object.size());
    for (const JsonMember& member : object) members.push_back(&member);
    if (style_ == JsonStyle::canonical) {
      std::sort(
          members.begin(), members.end(),
          [](const JsonMember* left, const JsonMember* right) { return left->key < right->key; });
    }
    out_ += '{';
    for (std::size_t index = 0; index < members.size(); ++index) {
      if (index > 0) out_ += ',';
      append_json_string(out_, members[index]->key);
      out_ += ':';
      write(members[index]->value);
    }
    out_ += '}';
  }

  void operator()(const JsonRecords& records) {
    if (style_ == JsonStyle::display) {
      out_ += "{\"count\":" + std::to_string(records.texts->size()) + '}';
      return;
    }
    out_ += '[';
    for (std::size_t index = 0; index < records.texts->size(); ++index) {
      if (index > 0) out_ += ',';
      out_ += (*records.texts)[index];
    }
    out_ += ']';
  }

 private:
  std::string& out_;
  JsonStyle style_;
};

}  // namespace

JsonValue::JsonValue() noexcept = default;
JsonValue::JsonValue(Variant of) noexcept : value(std::move(of)) {}
JsonValue::JsonValue(const JsonValue&) = default;
JsonValue::JsonValue(JsonValue&&) noexcept = default;
JsonValue& JsonValue::operator=(const JsonValue&) = default;
JsonValue& JsonValue::operator=(JsonValue&&) noexcept = default;
JsonValue::~JsonValue() = default;

const std::string* JsonValue::number() const {
  const auto* const found = std::get_if<JsonNumber>(&value);
  return found == nullptr ? nullptr : &found->digits;
}

const JsonValue* find_member(const JsonObject& object, std::string_view key) {
  for (const JsonMember& member : object) {
    if (member.key == key) return &member.value;
  }
  return nullptr;
}

std::string_view kind_name(const JsonValue& value) {
  if (value.is_null()) return "null";
  if (value.boolean() != nullptr) return "true or false";
  if (value.number() != nullptr) return "a number";
  if (value.string() != nullptr) return "a string";
  if (value.object() != nullptr) return "an object";
  return "an array";
}

void append_json(std::string& out, const JsonValue& value, JsonStyle style) {
  Writer(out, style).write(value);
}

}  // namespace freight::core::spec
