#include "freight/storage.hpp"

#ifdef FREIGHT_WITH_POSTGRESQL
#include "freight/postgresql_storage.hpp"
#endif
#ifdef FREIGHT_WITH_SQLITE
#include "freight/sqlite_storage.hpp"
#endif

namespace freight {

StorageRegistry default_storages() {
  StorageRegistry registry;
#ifdef FREIGHT_WITH_POSTGRESQL
  registry.add("postgresql", open_postgresql_storage);
  registry.add("postgres", open_postgresql_storage);
#endif
#ifdef FREIGHT_WITH_SQLITE
  registry.add("sqlite", open_sqlite_storage);
#endif
  return registry;
}

std::unique_ptr<Storage> open_storage(std::string_view url, const StorageOptions& options) {
  return default_storages().open(url, options);
}

}  // namespace freight
