#include "core/file_locator.hpp"

#include <algorithm>
#include <charconv>
#include <system_error>
#include <utility>

#include "freight/source.hpp"

namespace freight {
namespace core {
namespace {

constexpr std::string_view version = "file/1 ";
constexpr std::string_view same_columns = "-";

/// The text up to the next blank, which is passed over with it; nullopt without one.
std::optional<std::string_view> next_word(std::string_view& rest) {
  const std::size_t blank = rest.find(' ');
  if (blank == std::string_view::npos) return std::nullopt;
  const std::string_view word = rest.substr(0, blank);
  rest.remove_prefix(blank + 1);
  return word;
}

template <typename Number>
bool read_number(std::string_view text, Number& number) {
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  return read.ec == std::errc() && read.ptr == text.data() + text.size();
}

}  // namespace

std::string FileLocator::to_text() const {
  std::string text = std::string(version) + std::to_string(file) + ' ';
  if (columns.empty()) text += same_columns;
  for (std::size_t index = 0; index < columns.size(); ++index) {
    if (index > 0) text += ',';
    text += std::to_string(columns[index]);
  }
  return text + ' ' + name;
}

std::optional<FileLocator> FileLocator::from_text(std::string_view text) {
  if (!text.starts_with(version)) return std::nullopt;
  text.remove_prefix(version.size());
  FileLocator locator;
  const auto file = next_word(text);
  if (!file || !read_number(*file, locator.file)) return std::nullopt;
  const auto columns = next_word(text);
  if (!columns) return std::nullopt;
  if (*columns != same_columns) {
    for (std::string_view rest = *columns; !rest.empty();) {
      const std::size_t end = std::min(rest.find(','), rest.size());
      if (!read_number(rest.substr(0, end), locator.columns.emplace_back())) return std::nullopt;
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  locator.name = text;
  return locator;
}

}  // namespace core

std::string file_of_locator(std::string_view locator) {
  auto located = core::FileLocator::from_text(locator);
  return located ? std::move(located->name) : std::string();
}

}  // namespace freight
