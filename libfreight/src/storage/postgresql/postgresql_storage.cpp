#include "freight/postgresql_storage.hpp"

#include <algorithm>
#include <atomic>
#include <memory>
#include <string>
#include <utility>

#include "database/postgresql/postgresql_session.hpp"
#include "freight/error.hpp"
#include "storage/sql/sql_storage.hpp"

namespace freight::storage {
namespace {

// One server has many addresses, so that a table of this name is taken for the storage's own
// whatever the host is called: nobody has a reason to load into another Freight's state either.
bool holds(std::string_view url, std::string_view table) {
  if (!url.starts_with("postgresql://") && !url.starts_with("postgres://")) return false;
  std::string name;
  std::copy_if(table.begin(), table.end(), std::back_inserter(name),
               [](char c) { return c != '"'; });
  constexpr std::string_view schema = "freight.";
  if (!name.starts_with(schema)) return false;
  const auto tables = storage_tables();
  return std::find(tables.begin(), tables.end(), name.substr(schema.size())) != tables.end();
}

}  // namespace
}  // namespace freight::storage

namespace freight {

std::unique_ptr<Storage> open_postgresql_storage(std::string_view url,
                                                 const StorageOptions& options) {
  const auto parsed = database::parse_url(url, Code::unsupported_storage);
  if (parsed.backend != database::Backend::postgresql) {
    throw Error(Code::unsupported_storage,
                "'" + parsed.display() + "' is not the URL of a PostgreSQL database");
  }
  const auto prepares = std::make_shared<std::atomic<bool>>(true);
  const database::PostgresqlOptions session{.scope = database::SettingsScope::transaction,
                                            .prepares = prepares};
  storage::SqlStorage::Parts parts;
  parts.connections.backend = database::Backend::postgresql;
  parts.connections.display_url = parsed.display();
  parts.connections.open = [parsed, session] {
    return database::open_postgresql_session(parsed, session);
  };
  parts.connections.writers = 6;
  parts.connections.prepares = prepares;
  parts.connections.readers = 4;
  parts.migrations = postgresql_migrations();
  parts.liveness = std::make_unique<storage::LeaseOnlyLiveness>();
  parts.holds = storage::holds;
  return std::make_unique<storage::SqlStorage>(std::move(parts), options.upgrade);
}

}  // namespace freight
