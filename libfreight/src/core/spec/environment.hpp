#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/spec/findings.hpp"
#include "core/spec/json_value.hpp"

namespace freight::core::spec {

/// A string of the spec with its `${env:NAME}` replaced. Whatever lasts or is shown is made of
/// `written`; only what the job does is made of `value`.
struct SpecText {
  /// Where in `value` the text of a variable stands, and where in `written` its placeholder.
  struct Substitution {
    std::size_t begin = 0;
    std::size_t end = 0;
    std::size_t written_begin = 0;
    std::size_t written_end = 0;
  };

  std::string value;
  std::string written;
  std::vector<Substitution> substitutions;

  bool substituted() const { return !substitutions.empty(); }
};

/// Replaces the placeholders of a spec.
class Environment {
 public:
  using Lookup = std::function<std::optional<std::string>(const std::string&)>;

  /// `lookup` may be empty: then every placeholder is an error. Both must outlive this.
  Environment(const Lookup& lookup, Findings& findings) : lookup_(lookup), findings_(findings) {}

  /// nullopt after an error.
  std::optional<SpecText> text(const std::string& written, const Location& location);
  /// The value with the placeholders of all strings in it replaced; keys stay. Those that cannot be
  /// replaced are empty.
  JsonValue replaced(const JsonValue& value, const Location& location);
  /// True when a placeholder was met.
  bool used() const { return used_; }

 private:
  std::optional<std::string> look_up(const std::string& name, const Location& location);

  const Lookup& lookup_;
  Findings& findings_;
  bool used_ = false;
};

/// What is written with the ranges [begin, end) of its value left out. Placeholders that lie within
/// a range go too; one that reaches beyond it stays.
struct TextRange {
  std::size_t begin = 0;
  std::size_t end = 0;
};
std::string written_without(const SpecText& text, const std::vector<TextRange>& ranges);

/// True when a placeholder stands for some of a range and for more than the range: then it could
/// neither stay nor be left out.
bool cuts_placeholder(const SpecText& text, const std::vector<TextRange>& ranges);

/// True when all of the range comes from the environment, or it is empty.
bool is_substituted(const SpecText& text, TextRange range);

}  // namespace freight::core::spec
