#include <utility>

#include "freight/database_schema.hpp"
#include "freight/error.hpp"

#ifdef FREIGHT_WITH_SQLITE
#include "connectors/sql/sqlite/sqlite_schema.hpp"
#endif
#ifdef FREIGHT_WITH_POSTGRESQL
#include "connectors/sql/postgresql/postgresql_schema.hpp"
#endif

namespace freight {

std::unique_ptr<SchemaConnection> open_schema_connection(
    const std::string& url, [[maybe_unused]] bool create,
    [[maybe_unused]] std::function<void()> watch) {
#ifdef FREIGHT_WITH_SQLITE
  if (url.starts_with("sqlite:")) return sql::open_sqlite_schema(url, create);
#endif
#ifdef FREIGHT_WITH_POSTGRESQL
  if (url.starts_with("postgresql:") || url.starts_with("postgres:")) {
    return sql::open_postgresql_schema(url, create, std::move(watch));
  }
#endif
  // Not the whole URL: it may hold a password.
  throw Error(Code::unsupported_connector,
              "This build of Freight reads no tables of URLs that begin with '" +
                  url.substr(0, url.find(':') + 1) + "'.",
              {.hint = "The backends are sqlite:<path> and postgresql://user@host/database."});
}

}  // namespace freight
