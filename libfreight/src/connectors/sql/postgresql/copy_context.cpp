#include "connectors/sql/postgresql/copy_context.hpp"

#include <charconv>
#include <cstddef>
#include <system_error>

#include "core/ascii.hpp"

namespace freight::sql {
namespace {

using core::is_digit;

// A letter of a name; bytes of other alphabets count as such.
bool is_word(char letter) {
  return is_digit(letter) || (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
         letter == '_' || static_cast<unsigned char>(letter) >= 0x80;
}

// The first number in `text`, which loses everything up to its end.
std::optional<std::uint64_t> take_number(std::string_view& text) {
  std::size_t begin = 0;
  while (begin < text.size() && !is_digit(text[begin])) ++begin;
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data() + begin, text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return lines;
}

// What follows `COPY table, line ` in the language of the source code.
std::optional<std::string_view> after_english(std::string_view line, std::string_view table) {
  const std::string beginning = "COPY " + std::string(table) + ", line ";
  if (!line.starts_with(beginning)) return std::nullopt;
  return line.substr(beginning.size());
}

// What follows the table's name in any other; the number of the line is the first one there.
std::optional<std::string_view> after_name(std::string_view line, std::string_view table) {
  if (line.find("COPY") == std::string_view::npos) return std::nullopt;
  const std::size_t name = line.find(table);
  if (name == std::string_view::npos) return std::nullopt;
  return line.substr(name + table.size());
}

// The only line that names the COPY of the table, whatever the language; nullopt when there are
// none or several.
std::optional<std::string_view> copy_line(std::string_view context, std::string_view table) {
  std::optional<std::string_view> found;
  for (const std::string_view line : lines_of(context)) {
    if (!after_name(line, table)) continue;
    if (found) return std::nullopt;
    found = line;
  }
  return found;
}

// The first name of a column that stands as a word of its own before the value.
std::string named_column(std::string_view text, const std::vector<std::string>& columns) {
  std::size_t best = std::string_view::npos;
  std::string_view found;
  for (const std::string& column : columns) {
    if (column.empty()) continue;
    std::size_t at = text.find(column);
    while (at != std::string_view::npos) {
      const std::size_t end = at + column.size();
      const bool begins = at == 0 || !is_word(text[at - 1]);
      const bool ends = end == text.size() || !is_word(text[end]);
      if (begins && ends) break;
      at = text.find(column, at + 1);
    }
    // Of two names that begin alike the longer one was meant.
    if (at < best || (at == best && at != std::string_view::npos && column.size() > found.size())) {
      best = at;
      found = column;
    }
  }
  return std::string(found);
}

std::string english_column(std::string_view rest, const std::vector<std::string>& columns) {
  constexpr std::string_view before = ", column ";
  if (!rest.starts_with(before)) return {};
  rest.remove_prefix(before.size());
  std::string_view found;
  for (const std::string& column : columns) {
    const bool named = rest.starts_with(column) && rest.substr(column.size()).starts_with(": ");
    if (named && column.size() > found.size()) found = column;
  }
  return std::string(found);
}

}  // namespace

std::optional<CopyPlace> read_copy_context(std::string_view context, std::string_view table,
                                           const std::vector<std::string>& columns) {
  const auto line = copy_line(context, table);
  if (!line) return std::nullopt;
  auto english = after_english(*line, table);
  std::string_view rest = english ? *english : *after_name(*line, table);
  const auto number = take_number(rest);
  if (!number) return std::nullopt;
  return CopyPlace{.line = *number,
                   .column = english ? english_column(rest, columns) : named_column(rest, columns)};
}

}  // namespace freight::sql
