#pragma once

#include <memory>

#include "defaults/sql_pools.hpp"
#include "freight/connector_request.hpp"
#include "freight/destination.hpp"

namespace freight {

/// The destination `sql` of whichever backend the URL names. Throws Error(unsupported_connector)
/// when this build has no such backend.
std::unique_ptr<Destination> make_sql_destination(const ConnectorRequest& request, SqlPools& pools);

}  // namespace freight
