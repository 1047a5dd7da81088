#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rest/call.hpp"

namespace freight::daemon::rest {

/// The API's description (OpenAPI 3.1), made of the table of routes and of the schemas, so that no
/// operation can be missing from it.
std::string make_openapi(const std::vector<const Route*>& routes);

/// The schemas that are written by hand: a JSON object of components by name.
std::string_view openapi_schemas();

}  // namespace freight::daemon::rest
