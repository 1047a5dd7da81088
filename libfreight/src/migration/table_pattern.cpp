#include "migration/table_pattern.hpp"

#include <cstddef>

namespace freight::migration {
bool is_pattern(std::string_view text) {
  return text.find_first_of("*?") != std::string_view::npos;
}

bool matches(std::string_view pattern, std::string_view name) {
  std::size_t star = std::string_view::npos;
  std::size_t resume = 0;
  std::size_t at = 0;
  std::size_t in_name = 0;
  while (in_name < name.size()) {
    if (at < pattern.size() && pattern[at] == '*') {
      star = at++;
      resume = in_name;
    } else if (at < pattern.size() && (pattern[at] == '?' || pattern[at] == name[in_name])) {
      ++at;
      ++in_name;
    } else if (star != std::string_view::npos) {
      at = star + 1;
      in_name = ++resume;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', at) == std::string_view::npos;
}

bool means(std::string_view pattern, const DatabaseTable& table) {
  const bool with_schema = pattern.find('.') != std::string_view::npos;
  if (with_schema != table.visible) return matches(pattern, table.display());
  return with_schema && matches(pattern, table.schema + '.' + table.name);
}

bool names(std::string_view text, const DatabaseTable& table) {
  return text == table.display() || text == table.quoted() ||
         (!table.schema.empty() && text == table.schema + '.' + table.name);
}

}  // namespace freight::migration
