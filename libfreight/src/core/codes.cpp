#include "freight/codes.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include "core/enum_names.hpp"

namespace freight {
namespace {

constexpr core::EnumNames<10> category_names{
    "transient",      "throttled", "data",      "constraint", "configuration",
    "authentication", "ambiguous", "cancelled", "limit",      "internal"};

constexpr std::array code_table{
#define FREIGHT_CODE(name, category, http_status, exit_code, description) \
  CodeInfo{Code::name, #name, Category::category, http_status, exit_code, description},
#include "freight/codes.def"
#undef FREIGHT_CODE
};

/// The table's indexes in the order of the names, for parse_code().
constexpr auto codes_by_name = [] {
  std::array<std::size_t, code_table.size()> indexes{};
  for (std::size_t index = 0; index < indexes.size(); ++index) indexes[index] = index;
  std::sort(indexes.begin(), indexes.end(), [](std::size_t left, std::size_t right) {
    return code_table[left].name < code_table[right].name;
  });
  return indexes;
}();

}  // namespace

std::string_view to_string(Category category) { return core::enum_name(category_names, category); }

std::optional<Category> parse_category(std::string_view name) {
  return core::parse_enum<Category>(category_names, name);
}

bool CodeInfo::retryable() const {
  return category == Category::transient || category == Category::throttled ||
         category == Category::ambiguous;
}

const CodeInfo& code_info(Code code) { return code_table.at(static_cast<std::size_t>(code)); }

std::span<const CodeInfo> all_codes() { return code_table; }

std::string_view to_string(Code code) { return code_info(code).name; }

std::optional<Code> parse_code(std::string_view name) {
  const auto found = std::lower_bound(
      codes_by_name.begin(), codes_by_name.end(), name,
      [](std::size_t index, std::string_view wanted) { return code_table[index].name < wanted; });
  if (found == codes_by_name.end() || code_table[*found].name != name) return std::nullopt;
  return code_table[*found].code;
}

}  // namespace freight
