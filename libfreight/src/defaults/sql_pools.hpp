#pragma once

#include <cstddef>

#ifdef FREIGHT_WITH_POSTGRESQL
#include "connectors/sql/postgresql/postgresql_sessions.hpp"
#endif

namespace freight {

/// The connections of a registry's connectors to database servers.
struct SqlPools {
  explicit SqlPools([[maybe_unused]] std::size_t most)
#ifdef FREIGHT_WITH_POSTGRESQL
      : postgresql(most)
#endif
  {
  }

#ifdef FREIGHT_WITH_POSTGRESQL
  sql::PostgresqlPools postgresql;
#endif
};

}  // namespace freight
