#pragma once

#include <memory>

#include "defaults/sql_pools.hpp"
#include "freight/connector_request.hpp"
#include "freight/source.hpp"

namespace freight {

/// The source `sql` of whichever backend the URL names. Throws Error(unsupported_connector) when
/// this build has no such backend.
std::unique_ptr<Source> make_sql_source(const ConnectorRequest& request, SqlPools& pools);

}  // namespace freight
