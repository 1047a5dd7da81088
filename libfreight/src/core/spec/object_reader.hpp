#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/spec/json_value.hpp"
#include "core/spec/limits.hpp"
#include "core/spec/spec_reading.hpp"

namespace freight::core::spec {

/// One name that a string may be.
template <typename Enum>
struct Choice {
  std::string_view name;
  Enum value;
};

struct WholeNumberRule {
  std::uint64_t fallback = 0;
  std::uint64_t minimum = 0;
  std::uint64_t maximum = std::numeric_limits<std::uint64_t>::max();
};

struct TextRule {
  bool required = false;
  std::size_t min_bytes = 1;
  std::size_t max_bytes = max_identifier_bytes;
};

/// Reads the members of one object and writes the resolved object on the way, defaults filled in.
/// Every key that was asked for is a known one; finish() reports the others. Each reading function
/// reports what is wrong and then gives the default, so that reading always goes on.
class ObjectReader {
 public:
  /// `value` may be nullptr for an object that is left out. Anything but an object is reported.
  /// `what` names it in messages: "the dialect".
  ObjectReader(SpecReading& reading, const JsonValue* value, const Location& location,
               std::string_view what);

  /// The value of a key that is now known, or nullptr.
  const JsonValue* find(std::string_view key);
  /// The same, but null counts as absent.
  const JsonValue* find_unless_null(std::string_view key);
  Location at(std::string_view key) const { return location_.key(key); }

  bool boolean(std::string_view key, bool fallback);
  std::uint64_t whole_number(std::string_view key, const WholeNumberRule& rule);
  /// null is the default.
  std::optional<std::uint64_t> optional_whole_number(std::string_view key,
                                                     const WholeNumberRule& rule);
  /// Checked, but not added to the resolved object.
  std::optional<SpecText> text(std::string_view key, const TextRule& rule);
  /// The same of an element of this object, which stands at `here`.
  std::optional<SpecText> text_at(const JsonValue& value, const Location& here,
                                  const TextRule& rule);
  /// A text that is resolved as it is written; empty without one.
  std::optional<std::string> plain_text(std::string_view key, const TextRule& rule);
  /// Texts without a rule beyond the lengths; nullopt when the key is absent or null.
  std::optional<std::vector<std::string>> texts(std::string_view key, std::size_t min_bytes,
                                                std::size_t max_count);

  template <typename Enum>
  Enum choice(std::string_view key, std::span<const Choice<Enum>> choices, Enum fallback);

  /// A key of the contract that this version does not have. `kind` is what its value is, in the
  /// words of kind_name().
  void unsupported(std::string_view key, std::string_view kind);

  void add(std::string_view key, JsonValue value);
  void report(std::string_view key, Code code, std::string detail);
  void report_kind(std::string_view key, std::string_view expected, const JsonValue& found);
  void report_missing(std::string_view key);

  /// Reports the unknown keys, except those of `elsewhere`: they are known in another place, and
  /// `hint` says so.
  void finish(std::span<const std::string_view> elsewhere = {}, std::string_view hint = {});
  /// The resolved object; after finish().
  JsonObject take_resolved() { return std::move(resolved_); }

  SpecReading& reading() { return reading_; }
  const Location& location() const { return location_; }

 private:
  /// Reports what is wrong with a name; the index of the choice otherwise.
  std::optional<std::size_t> choose(std::string_view key, std::span<const std::string_view> names,
                                    std::string& chosen);

  SpecReading& reading_;
  const Location& location_;
  std::string_view what_;
  const JsonObject* object_ = nullptr;
  std::vector<std::string_view> known_;
  JsonObject resolved_;
};

/// A whole number from 0 to 2^64 - 1 as its digits say; nullopt for anything else.
std::optional<std::uint64_t> parse_whole_number(std::string_view digits);

JsonValue json_number(std::uint64_t number);
JsonValue json_text(std::string_view text);
JsonValue json_texts(const std::vector<std::string>& texts);

/// What to use in place of `name`: the nearest of the valid ones, or all when none is near.
std::string suggestion(std::string_view name, std::span<const std::string_view> valid);

/// `"a", "b" or "c"`.
std::string joined_names(std::span<const std::string_view> names);

template <typename Enum>
Enum ObjectReader::choice(std::string_view key, std::span<const Choice<Enum>> choices,
                          Enum fallback) {
  std::vector<std::string_view> names;
  std::string chosen;
  for (const Choice<Enum>& candidate : choices) {
    names.push_back(candidate.name);
    if (candidate.value == fallback) chosen = candidate.name;
  }
  Enum result = fallback;
  if (const auto index = choose(key, names, chosen)) result = choices[*index].value;
  add(key, JsonValue{std::move(chosen)});
  return result;
}

}  // namespace freight::core::spec
