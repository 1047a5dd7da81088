#include "inspect/header_guess.hpp"

#include <algorithm>
#include <cstdint>
#include <set>
#include <string_view>

#include "core/ascii.hpp"
#include "core/utf8.hpp"
#include "inspect/head.hpp"
#include "inspect/reading.hpp"
#include "mapping/values/unicode.hpp"

namespace freight::inspect {
namespace {

using Rows = std::vector<std::vector<std::string>>;

/// What PostgreSQL takes.
constexpr std::size_t longest_name = 63;

/// A number, date or the like: nothing that columns are called.
bool is_typed_text(std::string_view text) {
  TextArena arena;
  mapping::ArenaWriter writer(arena);
  std::string_view canonical;
  const auto& readings = all_readings();
  return std::any_of(readings.begin(), readings.end(), [&](const Reading& reading) {
    return reading.description().type != ValueType::boolean &&
           reading.takes(text, writer, canonical);
  });
}

bool is_year(std::string_view text) {
  return text.size() == 4 && std::all_of(text.begin(), text.end(), core::is_digit) &&
         text >= "1800" && text <= "2199";
}

struct RowCount {
  std::uint64_t values = 0;
  std::uint64_t typed = 0;
  std::uint64_t years = 0;
};

RowCount count_row(const std::vector<std::string>& row) {
  RowCount count;
  for (const std::string& text : row) {
    if (text.empty()) continue;
    ++count.values;
    if (is_typed_text(text)) ++count.typed;
    if (is_year(text)) ++count.years;
  }
  return count;
}

/// Columns in which the first row has a text and nearly all others have numbers or dates.
std::size_t columns_of_other_kind(const Rows& rows, std::size_t columns) {
  constexpr std::size_t enough = 50;
  std::size_t found = 0;
  for (std::size_t column = 0; column < columns; ++column) {
    if (column >= rows[0].size() || rows[0][column].empty()) continue;
    if (is_typed_text(rows[0][column])) continue;
    std::size_t values = 0;
    std::size_t typed = 0;
    for (std::size_t row = 1; row < rows.size() && row <= enough; ++row) {
      if (column >= rows[row].size() || rows[row][column].empty()) continue;
      if (is_missing_word(rows[row][column])) continue;
      ++values;
      if (is_typed_text(rows[row][column])) ++typed;
    }
    if (values > 0 && typed * 10 >= values * 9) ++found;
  }
  return found;
}

/// Years that head columns of something else: `country,2019,2020`.
bool has_years_for_names(const Rows& rows, const RowCount& first) {
  if (first.typed != first.years || is_typed_text(rows[0][0])) return false;
  for (std::size_t column = 0; column < rows[0].size(); ++column) {
    if (!is_year(rows[0][column])) continue;
    const bool holds_years = std::all_of(rows.begin() + 1, rows.end(), [column](const auto& row) {
      return column >= row.size() || is_year(row[column]);
    });
    if (holds_years) return false;
  }
  return true;
}

/// The first row's texts come again among the values of their columns: it is one of them.
bool comes_again(const Rows& rows, std::size_t columns) {
  std::size_t repeated = 0;
  for (std::size_t column = 0; column < columns && column < rows[0].size(); ++column) {
    const std::string& text = rows[0][column];
    if (text.empty()) continue;
    const bool again = std::any_of(rows.begin() + 1, rows.end(), [&](const auto& row) {
      return column < row.size() && row[column] == text;
    });
    if (again) ++repeated;
  }
  return repeated > 0 && repeated * 2 >= columns;
}

std::string header_words(HeaderGuess& guess, const Rows& rows, std::size_t columns) {
  const RowCount first = count_row(rows[0]);
  if (first.typed > 0 && !has_years_for_names(rows, first)) {
    guess.header = false;
    return "none: the first row has " + count_text(first.typed) +
           (first.typed == 1 ? " number or date" : " numbers or dates");
  }
  if (rows.size() == 1) return "the only row is taken for names: none of it is a number or a date";
  const std::size_t unlike = columns_of_other_kind(rows, columns);
  if (unlike > 0) {
    return "the first row is text where " + count_text(unlike) + " of " + count_text(columns) +
           " columns hold numbers or dates";
  }
  if (comes_again(rows, columns)) {
    guess.header = false;
    return "none: the first row's texts come again in their columns";
  }
  return "the first row is taken for names, as is usual; nothing in the values tells it from them";
}

std::string one_line(std::string_view name) {
  std::string text(mapping::trim(name));
  for (char& character : text) {
    if (static_cast<unsigned char>(character) < 0x20) character = ' ';
  }
  return std::string(mapping::trim(core::cut_utf8(text, longest_name)));
}

}  // namespace

std::vector<std::string> usable_names(const std::vector<std::string>& written) {
  std::vector<std::string> names;
  std::set<std::string> taken;
  // A name that stands as it is keeps it: `a,a,a_2` becomes `a,a_3,a_2`.
  std::set<std::string> all;
  for (const std::string& name : written) all.insert(mapping::to_lower(one_line(name)));
  for (const std::string& name : written) {
    std::string base = one_line(name);
    if (base.empty()) base = "column_" + std::to_string(names.size() + 1);
    std::string usable = base;
    for (std::size_t number = 2; taken.contains(mapping::to_lower(usable)); ++number) {
      const std::string suffix = "_" + std::to_string(number);
      usable = std::string(core::cut_utf8(base, longest_name - suffix.size())) + suffix;
      if (all.contains(mapping::to_lower(usable))) usable = base;
    }
    taken.insert(mapping::to_lower(usable));
    names.push_back(std::move(usable));
  }
  return names;
}

HeaderGuess guess_header(const Rows& rows, std::size_t columns) {
  HeaderGuess guess;
  if (rows.empty()) {
    guess.evidence = "no row could be read";
    return guess;
  }
  guess.evidence = header_words(guess, rows, columns);
  guess.written = guess.header ? rows[0] : std::vector<std::string>(columns);
  guess.names = usable_names(guess.written);
  if (!guess.header) {
    guess.written.clear();
    return guess;
  }
  std::size_t changed = 0;
  for (std::size_t column = 0; column < guess.names.size(); ++column) {
    if (guess.names[column] == guess.written[column]) continue;
    if (++changed > 5) continue;
    guess.names_evidence += (changed > 1 ? ", " : "") + ("\"" + guess.written[column] + "\"") +
                            " is called \"" + guess.names[column] + "\"";
  }
  if (changed > 5) guess.names_evidence += " and " + count_text(changed - 5) + " more";
  return guess;
}

}  // namespace freight::inspect
