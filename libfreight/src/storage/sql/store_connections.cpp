#include "storage/sql/store_connections.hpp"

#include "database/query.hpp"

namespace freight::storage {
namespace {

constexpr std::string_view find_wall =
    "SELECT count(*) FROM pg_roles WHERE rolname = 'freight_tenant'"
    " AND pg_has_role(current_user, oid, 'MEMBER')"
    " AND has_table_privilege(oid, 'freight.connections', 'UPDATE')";

}  // namespace

StoreConnections::StoreConnections(Options options)
    : options_(std::move(options)),
      sql_(options_.backend),
      writers_(options_.open, {.size = options_.writers, .watch = &watch_}),
      readers_(options_.open, {.size = options_.readers, .watch = &watch_}) {}

std::string StoreConnections::wall_around(database::Session& session,
                                          const std::optional<TenantId>& tenant_id) {
  if (!tenant_id || options_.backend != database::Backend::postgresql) return {};
  if (wall_ == Wall::unknown) {
    // Looked at once, with the first call for a tenant: the schema is there by then.
    database::Query query(session, std::string(find_wall));
    int found = 0;
    query.into(found);
    wall_ = query.next() && found > 0 ? Wall::stands : Wall::none;
  }
  if (wall_ == Wall::none) return {};
  return "; SET LOCAL ROLE freight_tenant; SET LOCAL freight.tenant = '" + tenant_id->to_string() +
         "'";
}

bool StoreConnections::lost_preparation(const database::DatabaseError& error) {
  const std::string_view state = error.failure().sqlstate;
  if (state != "26000" && state != "42P05") return false;
  if (options_.prepares == nullptr) return false;
  *options_.prepares = false;
  return true;
}

bool StoreConnections::worth_another_run(const database::DatabaseError& error, bool begun) {
  switch (error.condition()) {
    case database::Condition::serialization:
      return true;
    case database::Condition::unavailable:
      // A session that lay idle while the server restarted: nothing was committed, and the next
      // session is another. When connecting itself failed there is nobody to ask again.
      return begun;
    default:
      return false;
  }
}

}  // namespace freight::storage
