#include "defaults/sql_source.hpp"

#include <string>
#include <variant>

#include "freight/error.hpp"

#ifdef FREIGHT_WITH_SQLITE
#include "connectors/sql/sqlite/sqlite_source.hpp"
#endif
#ifdef FREIGHT_WITH_POSTGRESQL
#include "connectors/sql/postgresql/postgresql_source.hpp"
#endif

namespace freight {

std::unique_ptr<Source> make_sql_source(const ConnectorRequest& request,
                                        [[maybe_unused]] SqlPools& pools) {
  const std::string& url = std::get<SqlSourceSpec>(request.spec.source).url;
#ifdef FREIGHT_WITH_SQLITE
  if (url.starts_with("sqlite:")) return sql::make_sqlite_source(request);
#endif
#ifdef FREIGHT_WITH_POSTGRESQL
  if (url.starts_with("postgresql:") || url.starts_with("postgres:")) {
    return sql::make_postgresql_source(request, pools.postgresql);
  }
#endif
  // Not the whole URL: it may hold a password.
  throw Error(Code::unsupported_connector,
              "This build of Freight has no sql source for URLs that begin with '" +
                  url.substr(0, url.find(':') + 1) + "'.",
              {.hint = "The backends are sqlite:<path> and postgresql://user@host/database."});
}

}  // namespace freight
