#include <utility>

#include "freight/error.hpp"
#include "freight/storage.hpp"

namespace freight {

void StorageRegistry::add(std::string scheme, Factory factory) {
  factories_.insert_or_assign(std::move(scheme), std::move(factory));
}

std::unique_ptr<Storage> StorageRegistry::open(std::string_view url,
                                               const StorageOptions& options) const {
  const auto colon = url.find(':');
  // What stands before the colon may be shown; the rest may hold a password.
  const auto scheme = colon == std::string_view::npos ? std::string_view{} : url.substr(0, colon);
  const auto found = factories_.find(scheme);
  if (found != factories_.end()) return found->second(url, options);
  std::string known;
  for (const auto& entry : factories_) known += (known.empty() ? "" : ", ") + entry.first + ":";
  throw Error(Code::unsupported_storage,
              scheme.empty()
                  ? std::string("the storage URL has no scheme")
                  : "there is no storage for URLs that begin with '" + std::string(scheme) + ":'",
              {.hint = "a storage URL begins with one of: " + known});
}

}  // namespace freight
