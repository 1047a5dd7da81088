#include "defaults/sql_destination.hpp"

#include <string>
#include <variant>

#include "freight/error.hpp"

#ifdef FREIGHT_WITH_SQLITE
#include "connectors/sql/sqlite/sqlite_destination.hpp"
#endif
#ifdef FREIGHT_WITH_POSTGRESQL
#include "connectors/sql/postgresql/postgresql_destination.hpp"
#endif

namespace freight {

std::unique_ptr<Destination> make_sql_destination(const ConnectorRequest& request,
                                                  [[maybe_unused]] SqlPools& pools) {
  const std::string& url = std::get<SqlDestinationSpec>(request.spec.destination).url;
#ifdef FREIGHT_WITH_SQLITE
  if (url.starts_with("sqlite:")) return sql::make_sqlite_destination(request);
#endif
#ifdef FREIGHT_WITH_POSTGRESQL
  if (url.starts_with("postgresql:") || url.starts_with("postgres:")) {
    return sql::make_postgresql_destination(request, pools.postgresql);
  }
#endif
  // Not the whole URL: it may hold a password.
  throw Error(Code::unsupported_connector,
              "This build of Freight has no sql destination for URLs that begin with '" +
                  url.substr(0, url.find(':') + 1) + "'.",
              {.hint = "The backends are sqlite:<path> and postgresql://user@host/database."});
}

}  // namespace freight
