#include "mapping/constraints.hpp"

#include <algorithm>
#include <utility>

#include "freight/error.hpp"
#include "mapping/values/unicode.hpp"

namespace freight::mapping {
namespace {

std::string code_points(std::uint64_t count) {
  return std::to_string(count) + (count == 1 ? " character" : " characters");
}

std::string listed(const std::vector<std::string>& words) {
  constexpr std::size_t most = 10;
  std::string text = "one of ";
  for (std::size_t index = 0; index < std::min(words.size(), most); ++index) {
    if (index != 0) text += ", ";
    text += in_quotes(words[index]);
  }
  if (words.size() > most) text += " and " + std::to_string(words.size() - most) + " more";
  return text;
}

}  // namespace

Constraints::Constraints(const SchemaField& field, const Converter& converter, TextArena& texts)
    : spec_(field.constraints), type_(field.type) {
  lengths_ = spec_.min_length || spec_.max_length;
  limits_ = spec_.minimum || spec_.maximum;
  enumerated_ = !spec_.enumeration.empty();
  if (spec_.minimum) minimum_ = limit_of(*spec_.minimum, converter, texts);
  if (spec_.maximum) maximum_ = limit_of(*spec_.maximum, converter, texts);
  if (spec_.pattern) pattern_.emplace(*spec_.pattern, "field \"" + field.name + "\"");
  for (const std::string& text : spec_.enumeration) {
    const Comparable limit = limit_of(text, converter, texts);
    if (is_fractional(type_)) {
      numbers_.push_back(limit);
    } else {
      words_.emplace(limit.text());
    }
  }
}

std::uint64_t Constraints::passing_sizes() const {
  if (limits_ || pattern_ || enumerated_ || spec_.min_length) return 0;
  // A text has at most as many code points as bytes.
  return spec_.max_length ? *spec_.max_length + 1 : any_size;
}

Comparable Constraints::limit_of(const std::string& text, const Converter& converter,
                                 TextArena& texts) const {
  ArenaWriter writer(texts);
  const std::string_view kept = writer.copy(text);
  Converted converted;
  const Fault fault = converter.convert_own(kept, writer, converted);
  if (fault != Fault::none)
    throw Error(Code::invalid_value, "A constraint has the limit " + in_quotes(text) +
                                         ", which is not of the field's type: " +
                                         converter.diagnose(text, fault).expected +
                                         " is expected.");
  return Comparable(converted, type_);
}

bool Constraints::lengths_hold(std::string_view text) const {
  // A text has at most as many code points as bytes: mostly they need not be counted.
  const bool short_enough = !spec_.max_length || text.size() <= *spec_.max_length;
  if (short_enough && !spec_.min_length) return true;
  const std::size_t length = count_code_points(text);
  return (!spec_.min_length || length >= *spec_.min_length) &&
         (!spec_.max_length || length <= *spec_.max_length);
}

bool Constraints::limits_hold(const Converted& value) const {
  return (!minimum_ || minimum_->compare_from(value) >= 0) &&
         (!maximum_ || maximum_->compare_from(value) <= 0);
}

bool Constraints::enumeration_holds(const Converted& value) const {
  if (!is_fractional(type_)) return words_.contains(value.text);
  return std::any_of(numbers_.begin(), numbers_.end(), [&value](const Comparable& number) {
    return number.compare_from(value) == 0;
  });
}

void Constraints::length_violations(std::string_view text, std::vector<Diagnosis>& found) const {
  const std::size_t length = count_code_points(text);
  const std::string message = "The value has " + code_points(length) + "; ";
  if (spec_.min_length && length < *spec_.min_length)
    found.push_back({.code = Code::too_short,
                     .expected = "at least " + code_points(*spec_.min_length),
                     .message = message + std::to_string(*spec_.min_length) + " are the least."});
  if (spec_.max_length && length > *spec_.max_length)
    found.push_back({.code = Code::too_long,
                     .expected = "at most " + code_points(*spec_.max_length),
                     .message = message + std::to_string(*spec_.max_length) + " are the most."});
}

std::vector<Diagnosis> Constraints::violations(std::string_view text,
                                               const Converted& value) const {
  std::vector<Diagnosis> found;
  if (lengths_) length_violations(text, found);
  if (minimum_ && minimum_->compare_from(value) < 0)
    found.push_back({.code = Code::out_of_range,
                     .expected = "at least " + *spec_.minimum,
                     .message = in_quotes(text) + " is below the minimum " + *spec_.minimum + "."});
  if (maximum_ && maximum_->compare_from(value) > 0)
    found.push_back({.code = Code::out_of_range,
                     .expected = "at most " + *spec_.maximum,
                     .message = in_quotes(text) + " is above the maximum " + *spec_.maximum + "."});
  if (pattern_ && !pattern_->found_in(text))
    found.push_back(
        {.code = Code::pattern_mismatch,
         .expected = "a value that matches " + *spec_.pattern,
         .message = in_quotes(text) + " does not match the pattern " + *spec_.pattern + ".",
         .hint = "The pattern may match anywhere; ^ and $ tie it to the ends."});
  if (enumerated_ && !enumeration_holds(value)) {
    const std::string expected = listed(spec_.enumeration);
    found.push_back({.code = Code::not_in_enum,
                     .expected = expected,
                     .message = in_quotes(text) + " is not " + expected + "."});
  }
  return found;
}

}  // namespace freight::mapping
