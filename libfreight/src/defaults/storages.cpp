#include "freight/storage.hpp"

namespace freight {

StorageRegistry default_storages() {
  StorageRegistry registry;
  return registry;
}

std::unique_ptr<Storage> open_storage(std::string_view url, const StorageOptions& options) {
  return default_storages().open(url, options);
}

}  // namespace freight
