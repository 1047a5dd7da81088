#include "connectors/sql/postgresql/postgresql_names.hpp"

#include <algorithm>
#include <set>
#include <string_view>

#include "core/spec/limits.hpp"
#include "core/utf8.hpp"

namespace freight::sql {

using core::spec::longest_postgresql_name;

namespace {

std::string cut_to(std::string_view name, std::size_t bytes) {
  return std::string(core::cut_utf8(name, bytes));
}

}  // namespace

std::string cut_postgresql_name(const std::string& name) {
  return cut_to(name, longest_postgresql_name);
}

ShortNames::ShortNames(const std::vector<OutputColumn>& columns) {
  std::set<std::string, std::less<>> taken;
  for (const OutputColumn& column : columns) {
    if (column.name.size() <= longest_postgresql_name) taken.insert(column.name);
  }
  for (const OutputColumn& column : columns) {
    if (column.name.size() <= longest_postgresql_name) continue;
    std::string kept = cut_postgresql_name(column.name);
    for (std::size_t number = 2; !taken.insert(kept).second; ++number) {
      const std::string suffix = "_" + std::to_string(number);
      kept = cut_to(column.name, longest_postgresql_name - suffix.size()) + suffix;
    }
    cuts_.push_back({column.name, std::move(kept)});
  }
}

std::string ShortNames::short_of(const std::string& name) const {
  const auto found = std::find_if(cuts_.begin(), cuts_.end(),
                                  [&name](const Cut& cut) { return cut.given == name; });
  return found == cuts_.end() ? name : found->kept;
}

PrepareRequest ShortNames::applied_to(PrepareRequest request) const {
  if (cuts_.empty()) return request;
  for (OutputColumn& column : request.columns) column.name = short_of(column.name);
  for (std::string& name : request.primary_key) name = short_of(name);
  for (std::string& name : request.required) name = short_of(name);
  return request;
}

void ShortNames::note_in(DestinationCatalog& catalog) const {
  for (const Cut& cut : cuts_) {
    for (DestinationColumn& column : catalog.columns) {
      if (column.name == cut.kept) column.given_name = cut.given;
    }
  }
}

void ShortNames::warn(std::vector<std::string>& warnings) const {
  for (const Cut& cut : cuts_) {
    warnings.push_back("The column \"" + cut.given + "\" has a name of more than " +
                       std::to_string(longest_postgresql_name) +
                       " bytes, which PostgreSQL does not keep: in the table it is \"" + cut.kept +
                       "\".");
  }
}

}  // namespace freight::sql
