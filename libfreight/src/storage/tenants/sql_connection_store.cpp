#include "storage/tenants/sql_connection_store.hpp"

#include "database/query.hpp"
#include "storage/jobs/job_rows.hpp"

namespace freight::storage {
namespace {

using database::Query;
using database::Session;

constexpr std::string_view connection_by_name =
    "SELECT name, type, settings, sealed, created_at, updated_at FROM freight.connections"
    " WHERE tenant_id = @uuid(:tenant) AND name = :name";
constexpr std::string_view connection_page =
    "SELECT name, type, settings, sealed, created_at, updated_at FROM freight.connections"
    " WHERE tenant_id = @uuid(:tenant) AND name > :name ORDER BY name LIMIT :limit";
constexpr std::string_view upsert =
    "INSERT INTO freight.connections (tenant_id, name, type, settings, sealed, created_at,"
    " updated_at) VALUES (@uuid(:tenant), :name, :type, :settings, :sealed, @now, @now)"
    " ON CONFLICT (tenant_id, name) DO UPDATE SET type = excluded.type,"
    " settings = excluded.settings, sealed = excluded.sealed, updated_at = excluded.updated_at";
constexpr std::string_view delete_one =
    "DELETE FROM freight.connections WHERE tenant_id = @uuid(:tenant) AND name = :name";

std::vector<StoredConnection> read_connections(Query& query) {
  std::vector<StoredConnection> rows;
  StoredConnection row;
  std::int64_t created_at = 0;
  std::int64_t updated_at = 0;
  query.into(row.name).into(row.type).into(row.settings).into(row.sealed);
  query.into(created_at).into(updated_at);
  while (query.next()) {
    row.created_at = time_of(created_at);
    row.updated_at = time_of(updated_at);
    rows.push_back(row);
  }
  return rows;
}

}  // namespace

bool SqlConnectionStore::put(TenantId tenant_id, const StoredConnection& connection) {
  return connections_.write(tenant_id, [&](Session& session) {
    Query query(session, connections_.sql()(connection_by_name));
    query.with("tenant", tenant_id.to_string()).with("name", connection.name);
    const bool known = !read_connections(query).empty();
    Query(session, connections_.sql()(upsert))
        .with("tenant", tenant_id.to_string())
        .with("name", connection.name)
        .with("type", connection.type)
        .with("settings", connection.settings)
        .with("sealed", connection.sealed)
        .execute();
    return !known;
  });
}

std::optional<StoredConnection> SqlConnectionStore::find(TenantId tenant_id,
                                                         std::string_view name) {
  const auto rows = connections_.read(tenant_id, [&](Session& session) {
    Query query(session, connections_.sql()(connection_by_name));
    query.with("tenant", tenant_id.to_string()).with("name", std::string(name));
    return read_connections(query);
  });
  return rows.empty() ? std::nullopt : std::optional(rows.front());
}

std::vector<StoredConnection> SqlConnectionStore::list(TenantId tenant_id, std::string_view after,
                                                       std::uint32_t limit) {
  return connections_.read(tenant_id, [&](Session& session) {
    Query query(session, connections_.sql()(connection_page));
    query.with("tenant", tenant_id.to_string()).with("name", std::string(after));
    query.with("limit", limit);
    return read_connections(query);
  });
}

bool SqlConnectionStore::remove(TenantId tenant_id, std::string_view name) {
  return connections_.write(tenant_id, [&](Session& session) {
    return Query(session, connections_.sql()(delete_one))
               .with("tenant", tenant_id.to_string())
               .with("name", std::string(name))
               .execute() > 0;
  });
}

}  // namespace freight::storage
