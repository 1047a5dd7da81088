#include "connectors/sql/destination/catalog_names.hpp"

#include <algorithm>
#include <cstddef>

#include "connectors/sql/destination/write_rules.hpp"
#include "mapping/field_names.hpp"

namespace freight::sql {

std::vector<std::string> catalog_names(const std::vector<std::string>& names,
                                       const DestinationCatalog& catalog,
                                       mapping::NameMatch match) {
  std::vector<std::string> own;
  for (const DestinationColumn& column : catalog.columns) own.push_back(column.name);
  return mapping::spelled_as(
      {.wanted = names, .names = own, .match = match, .of = mapping::NamesOf::destination});
}

namespace {

bool is_generated(const std::string& name, const DestinationCatalog& catalog) {
  return std::any_of(
      catalog.columns.begin(), catalog.columns.end(),
      [&name](const DestinationColumn& column) { return column.generated && column.name == name; });
}

}  // namespace

PrepareRequest with_catalog_names(PrepareRequest request, const DestinationCatalog& catalog,
                                  mapping::NameMatch match) {
  const std::vector<std::string> own = column_names(request.columns);
  const auto names = catalog_names(own, catalog, match);
  for (std::size_t index = 0; index < names.size(); ++index) {
    request.columns[index].name = names[index];
  }
  if (request.leave_out_generated) {
    std::erase_if(request.columns, [&catalog](const OutputColumn& column) {
      return is_generated(column.name, catalog);
    });
  }
  const auto rename = [&](std::string& name) {
    const auto found = std::find(own.begin(), own.end(), name);
    if (found != own.end()) name = names[static_cast<std::size_t>(found - own.begin())];
  };
  std::for_each(request.primary_key.begin(), request.primary_key.end(), rename);
  std::for_each(request.required.begin(), request.required.end(), rename);
  return request;
}

void warn_of_left_out(const PrepareRequest& request, const DestinationCatalog& catalog,
                      mapping::NameMatch match, std::vector<std::string>& warnings) {
  if (!request.leave_out_generated) return;
  for (const std::string& name : catalog_names(column_names(request.columns), catalog, match)) {
    if (!is_generated(name, catalog)) continue;
    warnings.push_back("The column \"" + name +
                       "\" is left out: the destination computes it itself (GENERATED ALWAYS).");
  }
}

void warn_of_loose_key(const WriteRules& wanted, const DestinationCatalog& catalog,
                       std::vector<std::string>& warnings) {
  if (wanted.match != mapping::NameMatch::loose) return;
  const auto names = catalog_names(wanted.key, catalog, wanted.match);
  std::string pairs;
  for (std::size_t index = 0; index < names.size(); ++index) {
    if (names[index] == wanted.key[index]) continue;
    pairs += (pairs.empty() ? "\"" : ", \"") + wanted.key[index] + "\" is the column \"" +
             names[index] + '"';
  }
  if (pairs.empty()) return;
  warnings.push_back("Names of destination.key were matched loosely: " + pairs + '.');
}

}  // namespace freight::sql
