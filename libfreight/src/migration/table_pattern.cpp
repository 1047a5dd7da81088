#include "migration/table_pattern.hpp"

#include "core/wildcards.hpp"

namespace freight::migration {

bool is_pattern(std::string_view text) {
  return text.find_first_of("*?") != std::string_view::npos;
}

bool matches(std::string_view pattern, std::string_view name) {
  const auto match_one = [](std::string_view wanted, std::string_view text) {
    const bool fits = !wanted.empty() && (wanted[0] == '?' || wanted[0] == text[0]);
    return fits ? core::WildcardStep{1, 1} : core::WildcardStep{};
  };
  return core::matches_wildcards(pattern, name, match_one, [](std::string_view) { return 1; });
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
