#include "defaults/schema_connection.hpp"

#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>
#include <variant>

#include "freight/database_schema.hpp"
#include "freight/error.hpp"

#ifdef FREIGHT_WITH_SQLITE
#include "connectors/sql/sqlite/sqlite_schema.hpp"
#endif
#ifdef FREIGHT_WITH_POSTGRESQL
#include "connectors/sql/postgresql/postgresql_schema.hpp"
#endif

namespace freight {
namespace {

/// A file that nothing was written to yet, and that is not to be made.
bool is_missing_file(const std::string& url) {
  constexpr std::string_view scheme = "sqlite:";
  std::error_code unknown;
  return url.starts_with(scheme) && !std::filesystem::exists(url.substr(scheme.size()), unknown) &&
         !unknown;
}

}  // namespace

std::unique_ptr<SchemaConnection> open_schema_of(const JobSpec& spec, DatabaseUse use,
                                                 std::function<void()> watch) {
  const auto* const source = std::get_if<SqlSourceSpec>(&spec.source);
  const auto* const destination = std::get_if<SqlDestinationSpec>(&spec.destination);
  if (use == DatabaseUse::source ? source == nullptr : destination == nullptr) {
    throw Error(Code::unsupported_connector, "only a database has tables to look at");
  }
  if (use == DatabaseUse::source) {
    return open_schema_connection(source->url, false, std::move(watch));
  }
  if (use == DatabaseUse::look_at_destination && is_missing_file(destination->url)) return nullptr;
  return open_schema_connection(destination->url, true, std::move(watch));
}

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
