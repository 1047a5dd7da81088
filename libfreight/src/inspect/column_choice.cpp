#include "inspect/column_choice.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "core/ascii.hpp"
#include "core/contains.hpp"
#include "inspect/head.hpp"
#include "inspect/reading.hpp"

namespace freight::inspect {
namespace {

using Count = ColumnProfile::Count;

/// Words that are as likely a code: Namibia, a grade.
constexpr std::array<std::string_view, 5> doubtful_words{"NA", "-", "--", ".", "?"};
constexpr std::uint64_t longest_code = 3;

const Reading& reading_of(const Count& count) { return all_readings()[count.reading]; }

std::string of_samples(std::uint64_t fitting, std::uint64_t values) {
  return " in " + count_text(fitting) + " of " + count_text(values) + " samples";
}

ColumnReading text_reading(std::uint64_t values) {
  ColumnReading reading;
  reading.fitting = values;
  return reading;
}

ColumnReading typed_reading(const Count& count) {
  ColumnReading reading = reading_of(count).description();
  reading.fitting = count.fitting;
  return reading;
}

/// Whether two readings of the same texts are two meanings of them.
bool contradict(const Reading& first, const Reading& second) {
  const ColumnReading& left = first.description();
  const ColumnReading& right = second.description();
  if (first.has_date()) return left.format && right.type == left.type && right.format;
  // 1.234 is one and a bit, or more than a thousand.
  return left.type == ValueType::decimal && left.group_char.empty() &&
         right.type == ValueType::integer && right.group_char == left.decimal_char;
}

std::string short_words(const Reading& reading) {
  return reading.description().format.value_or(reading.words());
}

/// Decides on one column of texts.
class TextColumn {
 public:
  TextColumn(ColumnProfile& profile, bool others_are_bare, InspectedColumn& column)
      : profile_(profile), others_are_bare_(others_are_bare), column_(column) {}

  void choose() {
    const std::uint64_t values = profile_.values();
    const auto& counts = profile_.counts();
    const auto fits = [values](const Count& count) { return count.fitting == values; };
    const auto first = std::find_if(counts.begin(), counts.end(), fits);
    if (values == 0 || first == counts.end()) return stay_text();
    const Reading& reading = reading_of(*first);
    // With separators a number may have to be quoted.
    const bool is_plain_number = reading.is_number() && reading.has_no_separators();
    if (is_plain_number && profile_.of_kind(FieldKind::quoted) == values && others_are_bare_) {
      return stay_text_because(
          "text: all of its numbers are quoted, those of other columns are not");
    }
    const bool is_boolean = reading.description().type == ValueType::boolean;
    // Who writes JSON and means a number writes no string.
    const bool is_json_string = profile_.of_kind(FieldKind::string) > 0;
    if (is_boolean && (is_json_string || !profile_.has_two_values())) return stay_text();
    if (reading.is_number() && is_json_string) return stay_text();
    column_.readings = {typed_reading(*first)};
    column_.evidence = reading.words() + of_samples(values, values);
    for (auto other = first + 1; other != counts.end(); ++other) {
      if (!contradict(reading, reading_of(*other))) continue;
      if (other->fitting == values) {
        column_.readings.push_back(typed_reading(*other));
        column_.evidence += "; all of them could be " + short_words(reading_of(*other));
      } else if (other->fitting > 0) {
        column_.evidence += "; " + count_text(other->fitting) + " could be " +
                            short_words(reading_of(*other)) + " alone";
      }
    }
    if (first->in_future > 0) {
      column_.readings.push_back(text_reading(values));
      column_.evidence += "; " + count_text(first->in_future) +
                          " lie in the future, for a year from 00 to 68 is one of 2000 to 2068";
    } else if (reading.has_short_year()) {
      column_.evidence += "; a year from 69 to 99 is taken for one of 1969 to 1999";
    }
  }

 private:
  void stay_text() {
    if (profile_.values() == 0) return stay_text_because("text: no value was seen");
    const auto& counts = profile_.counts();
    const auto best = std::max_element(
        counts.begin(), counts.end(),
        [](const Count& left, const Count& right) { return left.fitting < right.fitting; });
    std::string why = "text" + of_samples(profile_.values(), profile_.values());
    if (best != counts.end() && best->fitting * 2 > profile_.values() &&
        best->fitting < profile_.values()) {
      why += "; " + count_text(best->fitting) + " are " + reading_of(*best).words() +
             ", the first other is '" + best->first_other + "'";
    }
    stay_text_because(why);
  }

  void stay_text_because(std::string why) {
    column_.readings = {text_reading(profile_.values())};
    column_.evidence = std::move(why);
  }

  ColumnProfile& profile_;
  const bool others_are_bare_;
  InspectedColumn& column_;
};

/// Of JSON, whose values have types.
void choose_typed(const ColumnProfile& profile, InspectedColumn& column) {
  const std::uint64_t values = profile.values();
  const std::uint64_t integers = profile.of_kind(FieldKind::integer);
  const std::uint64_t decimals = profile.of_kind(FieldKind::decimal);
  ColumnReading reading{.type = ValueType::string};
  if (integers == values) {
    reading.type = ValueType::integer;
  } else if (integers + decimals == values) {
    reading.type = ValueType::number;
  } else if (profile.of_kind(FieldKind::boolean) == values) {
    reading.type = ValueType::boolean;
  } else if (profile.of_kind(FieldKind::json) == values) {
    reading.type = ValueType::json;
  }
  reading.fitting = values;
  column.evidence = std::string(to_string(reading.type)) + of_samples(values, values) +
                    (reading.type == ValueType::string ? ", which are of several types" : "");
  column.readings = {reading};
}

bool is_of_json(const ColumnProfile& profile) {
  return profile.of_kind(FieldKind::unquoted) + profile.of_kind(FieldKind::quoted) +
             profile.of_kind(FieldKind::string) <
         profile.values();
}

bool is_text(const InspectedColumn& column) {
  return column.readings.size() == 1 && column.readings[0].type == ValueType::string;
}

/// Whether a word is more likely a value of a column of texts: a short code among such.
bool is_code_in(const std::string& word, const ProfiledColumn& column) {
  const bool is_doubtful =
      std::find(doubtful_words.begin(), doubtful_words.end(), word) != doubtful_words.end();
  return is_doubtful && column.profile.words().contains(word) && column.profile.values() > 0 &&
         column.profile.longest() <= longest_code;
}

/// Missing values are the schema's, not a field's: a word that one column needs for none may be a
/// value of another. Then the first one stays text.
void settle_words(const std::vector<ProfiledColumn>& profiled, ColumnChoices& choices) {
  for (std::size_t index = 0; index < profiled.size(); ++index) {
    InspectedColumn& column = choices.columns[index];
    if (is_text(column)) continue;
    for (const auto& [word, count] : profiled[index].profile.words()) {
      for (std::size_t other = 0; other < profiled.size(); ++other) {
        if (!is_text(choices.columns[other]) || !is_code_in(word, profiled[other])) continue;
        column.evidence = "text: it would be " + column.evidence + ", but '" + word + "' (" +
                          times_text(count) + ") may be a value in " + profiled[other].name;
        column.readings = {text_reading(column.values)};
      }
    }
  }
}

void count_words(const ColumnProfile& profile, ColumnChoices& choices, InspectedColumn& column) {
  for (const auto& [word, count] : profile.words()) {
    if (!core::contains(choices.missing_values, word)) {
      column.values += count;
      continue;
    }
    column.missing_words.emplace_back(word, count);
    column.missing += count;
    column.evidence += "; '" + word + "' is no value, " + times_text(count);
  }
  if (profile.empty() > 0) column.evidence += "; " + count_text(profile.empty()) + " are empty";
}

/// A name that a key has.
bool is_key_name(std::string_view name) {
  const std::string lower = core::ascii_lower(name);
  return lower == "id" || lower == "key" || lower == "uuid" || lower == "guid" ||
         lower.ends_with("_id") || lower.ends_with(" id") || name.ends_with("Id") ||
         name.ends_with("ID");
}

/// The first column that may be a key: it is called like one, or is the first one with many numbers
/// none of which comes twice.
void find_key(ColumnChoices& choices) {
  constexpr std::uint64_t many = 100;
  for (std::size_t index = 0; index < choices.columns.size(); ++index) {
    const InspectedColumn& column = choices.columns[index];
    if (!column.unique || column.missing > 0 || column.values < 2) continue;
    if (column.readings.size() > 1) continue;
    const ValueType type = column.readings[0].type;
    const bool is_number = type == ValueType::integer || type == ValueType::uuid;
    if (!is_number && type != ValueType::string) continue;
    const std::string lower = core::ascii_lower(column.name);
    const bool is_named = lower == "id" || (index == 0 && is_key_name(column.name));
    if (!is_named && !(index == 0 && is_number && column.values >= many)) continue;
    choices.primary_key = {column.name};
    return;
  }
}

}  // namespace

ColumnChoices choose_columns(std::vector<ProfiledColumn>& profiled) {
  ColumnChoices choices{.missing_values = {""}};
  const bool some_are_bare = std::any_of(profiled.begin(), profiled.end(), [](const auto& column) {
    return column.profile.of_kind(FieldKind::unquoted) > 0;
  });
  for (ProfiledColumn& column : profiled) {
    InspectedColumn& chosen = choices.columns.emplace_back();
    chosen.name = column.name;
    chosen.written_name = column.written_name;
    chosen.values = column.profile.values();
    chosen.missing = column.profile.empty();
    chosen.longest = column.profile.longest();
    if (is_of_json(column.profile)) {
      choose_typed(column.profile, chosen);
    } else {
      TextColumn(column.profile, some_are_bare, chosen).choose();
    }
  }
  settle_words(profiled, choices);
  for (std::size_t index = 0; index < profiled.size(); ++index) {
    if (is_text(choices.columns[index])) continue;
    for (const auto& [word, count] : profiled[index].profile.words()) {
      if (!core::contains(choices.missing_values, word)) choices.missing_values.push_back(word);
    }
  }
  for (std::size_t index = 0; index < profiled.size(); ++index) {
    InspectedColumn& chosen = choices.columns[index];
    count_words(profiled[index].profile, choices, chosen);
    // A word that stays text may come often.
    chosen.unique =
        chosen.values == profiled[index].profile.values() && profiled[index].profile.unique();
  }
  find_key(choices);
  return choices;
}

}  // namespace freight::inspect
