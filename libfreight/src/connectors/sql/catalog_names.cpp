#include "connectors/sql/catalog_names.hpp"

#include <algorithm>
#include <cstddef>

#include "connectors/sql/write_rules.hpp"
#include "mapping/field_names.hpp"

namespace freight::sql {

std::vector<std::string> catalog_names(const std::vector<std::string>& names,
                                       const DestinationCatalog& catalog) {
  std::vector<std::string> own;
  for (const DestinationColumn& column : catalog.columns) own.push_back(column.name);
  return mapping::spelled_as(own, names);
}

namespace {

bool is_generated(const std::string& name, const DestinationCatalog& catalog) {
  return std::any_of(
      catalog.columns.begin(), catalog.columns.end(),
      [&name](const DestinationColumn& column) { return column.generated && column.name == name; });
}

}  // namespace

PrepareRequest with_catalog_names(PrepareRequest request, const DestinationCatalog& catalog) {
  const auto names = catalog_names(column_names(request.columns), catalog);
  for (std::size_t index = 0; index < names.size(); ++index) {
    request.columns[index].name = names[index];
  }
  if (request.leave_out_generated) {
    std::erase_if(request.columns, [&catalog](const OutputColumn& column) {
      return is_generated(column.name, catalog);
    });
  }
  request.primary_key = catalog_names(request.primary_key, catalog);
  request.required = catalog_names(request.required, catalog);
  return request;
}

void warn_of_left_out(const PrepareRequest& request, const DestinationCatalog& catalog,
                      std::vector<std::string>& warnings) {
  if (!request.leave_out_generated) return;
  for (const std::string& name : catalog_names(column_names(request.columns), catalog)) {
    if (!is_generated(name, catalog)) continue;
    warnings.push_back("The column \"" + name +
                       "\" is left out: the destination computes it itself (GENERATED ALWAYS).");
  }
}

}  // namespace freight::sql
