#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "freight/codes.hpp"
#include "freight/connection_store.hpp"
#include "master_key.hpp"
#include "reach.hpp"

namespace freight::daemon {

/// What is wrong with a connection's description, by its key.
struct ConnectionFault {
  std::string key;
  Code code = Code::invalid_value;
  std::string detail;
};

/// The tenants' named credentials, sealed in the storage. Thread-safe.
class Connections {
 public:
  Connections(ConnectionStore& store, MasterKey master, const Reach& reach)
      : store_(store), master_(std::move(master)), reach_(reach) {}

  /// Makes or replaces one from its description; true when it was made. With anything in `faults`
  /// nothing is written. A secret that is null where there was one stays as it was.
  bool put(TenantId tenant_id, const std::string& name, const boost::json::object& description,
           std::vector<ConnectionFault>& faults);
  /// Without secrets: they are null, with `has_secret`.
  std::optional<boost::json::object> find(TenantId tenant_id, std::string_view name);
  std::vector<boost::json::object> list(TenantId tenant_id, std::string_view after,
                                        std::uint32_t limit);
  bool remove(TenantId tenant_id, std::string_view name) { return store_.remove(tenant_id, name); }

  /// The type of the tenant's connection; nullopt when it has none of that name.
  std::optional<std::string> type_of(TenantId tenant_id, std::string_view name);
  /// The URL of an SQL connection, with its password, to an address that was checked. Throws Error:
  /// not_found, not_allowed, missing_secret, destination_unavailable.
  std::string url_of(TenantId tenant_id, const std::string& name);
  /// The same without password and check: to be compared only.
  std::string plain_url_of(TenantId tenant_id, const std::string& name);

  /// Seals again what was sealed with an older master key; how many that were.
  std::size_t reseal(const std::vector<TenantId>& tenants);

  /// 1 to 100 letters, digits, `_`, `-` and `.`.
  static bool is_name(std::string_view name);

 private:
  ConnectionStore& store_;
  MasterKey master_;
  const Reach& reach_;
};

}  // namespace freight::daemon
