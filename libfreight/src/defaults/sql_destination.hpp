#pragma once

#include <memory>

#include "defaults/sql_pools.hpp"
#include "freight/connector.hpp"

namespace freight {

/// The destination `sql` of whichever backend the URL names. Throws Error(unsupported_connector)
/// when this build has no such backend.
std::unique_ptr<Destination> make_sql_destination(const JobSpec& spec, JobId job_id,
                                                  SqlPools& pools);

}  // namespace freight
