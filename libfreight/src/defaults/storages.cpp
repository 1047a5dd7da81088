#include "freight/storage.hpp"

#ifdef FREIGHT_WITH_POSTGRESQL
#include "storage/postgresql/postgresql_storage.hpp"
#endif
#ifdef FREIGHT_WITH_SQLITE
#include "storage/sqlite/sqlite_storage.hpp"
#endif

namespace freight {

StorageRegistry default_storages() {
  StorageRegistry registry;
#ifdef FREIGHT_WITH_POSTGRESQL
  registry.add("postgresql", storage::open_postgresql_storage);
  registry.add("postgres", storage::open_postgresql_storage);
#endif
#ifdef FREIGHT_WITH_SQLITE
  registry.add("sqlite", storage::open_sqlite_storage);
#endif
  return registry;
}

std::unique_ptr<Storage> open_storage(std::string_view url, const StorageOptions& options) {
  return default_storages().open(url, options);
}

}  // namespace freight
