#include "connectors/sql/catalog_names.hpp"

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

PrepareRequest with_catalog_names(PrepareRequest request, const DestinationCatalog& catalog) {
  const auto names = catalog_names(column_names(request.columns), catalog);
  for (std::size_t index = 0; index < names.size(); ++index) {
    request.columns[index].name = names[index];
  }
  request.primary_key = catalog_names(request.primary_key, catalog);
  request.required = catalog_names(request.required, catalog);
  return request;
}

}  // namespace freight::sql
