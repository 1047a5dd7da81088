#include "storage/tenants/sql_tenant_store.hpp"

#include "core/utf8.hpp"
#include "database/query.hpp"
#include "storage/sql/value_texts.hpp"

namespace freight::storage {
namespace {

using database::Query;
using database::Session;

constexpr std::size_t max_name = 200;

constexpr std::string_view insert_tenant =
    "INSERT INTO freight.tenants (tenant_id, name, external_id, status, weight, limits, created_at,"
    " updated_at) VALUES (@uuid(:id), :name, :external_id, 'active', :weight, :limits, @now, @now)"
    " ON CONFLICT DO NOTHING";
constexpr std::string_view insert_share =
    "INSERT INTO freight.tenant_shares (tenant_id, weight, claimable, queued_execute, queued_other,"
    " virtual_time, claim_start, claimed_at, max_jobs, max_batches, records_per_second)"
    " VALUES (@uuid(:id), :weight, 1, 0, 0, 0, 0, 0, :max_jobs, :max_batches, :pace)";
constexpr std::string_view tenant_by_id =
    "SELECT tenant_id, name, external_id, status, weight, created_at, limits FROM freight.tenants"
    " WHERE tenant_id = @uuid(:value) AND deleted_at IS NULL";
constexpr std::string_view tenant_by_name =
    "SELECT tenant_id, name, external_id, status, weight, created_at, limits FROM freight.tenants"
    " WHERE name = :value AND deleted_at IS NULL";
constexpr std::string_view by_external_id =
    "SELECT tenant_id, name, external_id, status, weight, created_at, limits FROM freight.tenants"
    " WHERE external_id = :value AND deleted_at IS NULL";
// Every name is longer than the empty `:value` of list().
constexpr std::string_view all =
    "SELECT tenant_id, name, external_id, status, weight, created_at, limits FROM freight.tenants"
    " WHERE deleted_at IS NULL AND name <> :value ORDER BY name@pg{ COLLATE \"C\"}";
constexpr std::string_view update_status =
    "UPDATE freight.tenants SET status = :status, updated_at = @now"
    " WHERE tenant_id = @uuid(:id) AND deleted_at IS NULL";
// The name may be taken by the tenant itself.
constexpr std::string_view update_tenant =
    "UPDATE freight.tenants SET name = :name, status = :status, weight = :weight,"
    " limits = :limits, updated_at = @now WHERE tenant_id = @uuid(:id) AND deleted_at IS NULL"
    " AND NOT EXISTS (SELECT 1 FROM freight.tenants AS o WHERE o.name = :name"
    "  AND o.deleted_at IS NULL AND o.tenant_id <> @uuid(:id))";
constexpr std::string_view update_share =
    "UPDATE freight.tenant_shares SET claimable = :claimable, weight = :weight,"
    " max_jobs = :max_jobs, max_batches = :max_batches, records_per_second = :pace, held_until = 0"
    " WHERE tenant_id = @uuid(:id)";
constexpr std::string_view select_retry =
    "SELECT retry FROM freight.tenants WHERE tenant_id = @uuid(:id) AND deleted_at IS NULL";
constexpr std::string_view update_retry =
    "UPDATE freight.tenants SET retry = :retry, updated_at = @now"
    " WHERE tenant_id = @uuid(:id) AND deleted_at IS NULL";
// Nobody can ask for them any more, and nobody is to drive them.
constexpr std::string_view end_migrations =
    "UPDATE freight.migration_groups SET status = 'cancelled', finished_at = @now,"
    " lease_token = NULL, leased_until = 0 WHERE tenant_id = @uuid(:id)"
    " AND status IN ('pending', 'running', 'paused', 'cancelling')";
constexpr std::string_view delete_tenant =
    "UPDATE freight.tenants SET deleted_at = @now, updated_at = @now"
    " WHERE tenant_id = @uuid(:id) AND deleted_at IS NULL";
constexpr std::string_view update_claimable =
    "UPDATE freight.tenant_shares SET claimable = :claimable WHERE tenant_id = @uuid(:id)";

void check_text(std::string_view what, std::string_view text) {
  if (text.empty() || text.size() > max_name || text.find('\0') != std::string_view::npos ||
      !core::is_valid_utf8(text)) {
    throw Error(Code::invalid_value,
                "a tenant's " + std::string(what) + " has 1 to 200 bytes of UTF-8 without NUL");
  }
}

void check_bounds(const NewTenant& tenant) {
  check_text("name", tenant.name);
  if (tenant.external_id) check_text("external id", *tenant.external_id);
  if (tenant.weight < 1) throw Error(Code::invalid_value, "a tenant's weight is at least 1");
}

[[noreturn]] void not_found(TenantId id) {
  throw Error(Code::not_found, "there is no tenant " + id.to_string());
}

}  // namespace

std::vector<Tenant> SqlTenantStore::select(Session& session, std::string_view statement,
                                           const std::string& value) {
  std::vector<Tenant> tenants;
  Tenant tenant;
  std::string id;
  std::string status;
  std::string limits;
  std::int64_t created_at = 0;
  Query query(session, connections_.sql()(statement));
  query.with("value", value)
      .into(id)
      .into(tenant.name)
      .into(tenant.external_id)
      .into(status)
      .into(tenant.weight)
      .into(created_at)
      .into(limits);
  while (query.next()) {
    tenant.id = TenantId::parse(id).value_or(TenantId());
    tenant.status = status == to_string(TenantStatus::suspended) ? TenantStatus::suspended
                                                                 : TenantStatus::active;
    tenant.limits = limits_of(limits);
    tenant.created_at = Timestamp(std::chrono::microseconds(created_at));
    tenants.push_back(tenant);
  }
  return tenants;
}

std::optional<Tenant> SqlTenantStore::insert(Session& session, const NewTenant& tenant) {
  const auto id = TenantId::generate();
  const auto rows = Query(session, connections_.sql()(insert_tenant))
                        .with("id", id.to_string())
                        .with("name", tenant.name)
                        .with("external_id", tenant.external_id)
                        .with("weight", tenant.weight)
                        .with("limits", text_of(tenant.limits))
                        .execute();
  if (rows == 0) return std::nullopt;
  Query(session, connections_.sql()(insert_share))
      .with("id", id.to_string())
      .with("weight", tenant.weight)
      .with("max_jobs", tenant.limits.max_running_jobs)
      .with("max_batches", tenant.limits.max_running_batches)
      .with("pace", tenant.limits.records_per_second)
      .execute();
  return select(session, tenant_by_id, id.to_string()).at(0);
}

Tenant SqlTenantStore::create(const NewTenant& tenant) {
  check_bounds(tenant);
  const auto made = connections_.write([&](Session& session) { return insert(session, tenant); });
  if (!made) {
    throw Error(Code::invalid_value,
                "there is a tenant with the name '" + tenant.name + "' or its external id already");
  }
  return *made;
}

Tenant SqlTenantStore::find_or_create(std::string_view name) {
  const NewTenant tenant{.name = std::string(name), .external_id = std::nullopt};
  check_bounds(tenant);
  const auto find = [&](Session& session) { return select(session, tenant_by_name, tenant.name); };
  // Three rounds: one made by another in between may be deleted again before it is looked up.
  for (int round = 0; round < 3; ++round) {
    const auto found = connections_.read(find);
    if (!found.empty()) return found.front();
    const auto made = connections_.write([&](Session& session) { return insert(session, tenant); });
    if (made) return *made;
  }
  throw Error(Code::storage_busy, "the tenant '" + tenant.name + "' comes and goes");
}

std::optional<Tenant> SqlTenantStore::find(TenantId id) {
  const auto found = connections_.read(
      [&](Session& session) { return select(session, tenant_by_id, id.to_string()); });
  return found.empty() ? std::nullopt : std::optional(found.front());
}

std::optional<Tenant> SqlTenantStore::find_by_external_id(std::string_view external_id) {
  if (external_id.find('\0') != std::string_view::npos || !core::is_valid_utf8(external_id)) {
    return std::nullopt;  // No tenant can have it.
  }
  const auto found = connections_.read(
      [&](Session& session) { return select(session, by_external_id, std::string(external_id)); });
  return found.empty() ? std::nullopt : std::optional(found.front());
}

std::vector<Tenant> SqlTenantStore::list() {
  return connections_.read([&](Session& session) { return select(session, all, ""); });
}

void SqlTenantStore::set_claimable(Session& session, TenantId id, bool claimable) {
  Query(session, connections_.sql()(update_claimable))
      .with("claimable", claimable ? 1 : 0)
      .with("id", id.to_string())
      .execute();
}

void SqlTenantStore::set_status(TenantId id, TenantStatus status) {
  connections_.write([&](Session& session) {
    const auto rows = Query(session, connections_.sql()(update_status))
                          .with("status", std::string(to_string(status)))
                          .with("id", id.to_string())
                          .execute();
    if (rows == 0) not_found(id);
    set_claimable(session, id, status == TenantStatus::active);
  });
}

Tenant SqlTenantStore::update(TenantId id, const TenantChange& change) {
  if (change.name) check_text("name", *change.name);
  if (change.weight && *change.weight < 1)
    throw Error(Code::invalid_value, "a tenant's weight is at least 1");
  return connections_.write([&](Session& session) {
    auto found = select(session, tenant_by_id, id.to_string());
    if (found.empty()) not_found(id);
    Tenant& tenant = found.front();
    if (change.name) tenant.name = *change.name;
    if (change.status) tenant.status = *change.status;
    if (change.weight) tenant.weight = *change.weight;
    if (change.limits) tenant.limits = *change.limits;
    const auto rows = Query(session, connections_.sql()(update_tenant))
                          .with("name", tenant.name)
                          .with("status", std::string(to_string(tenant.status)))
                          .with("weight", tenant.weight)
                          .with("limits", text_of(tenant.limits))
                          .with("id", id.to_string())
                          .execute();
    if (rows == 0) {
      throw Error(Code::invalid_value,
                  "there is a tenant with the name '" + tenant.name + "' already");
    }
    Query(session, connections_.sql()(update_share))
        .with("claimable", tenant.status == TenantStatus::active ? 1 : 0)
        .with("weight", tenant.weight)
        .with("max_jobs", tenant.limits.max_running_jobs)
        .with("max_batches", tenant.limits.max_running_batches)
        .with("pace", tenant.limits.records_per_second)
        .with("id", id.to_string())
        .execute();
    return tenant;
  });
}

std::optional<std::string> SqlTenantStore::default_retry(TenantId id) {
  std::string retry;
  connections_.read([&](Session& session) {
    Query query(session, connections_.sql()(select_retry));
    query.with("id", id.to_string()).into(retry);
    if (!query.next()) retry.clear();
  });
  return retry.empty() ? std::nullopt : std::optional(retry);
}

void SqlTenantStore::set_default_retry(TenantId id, const std::string& json) {
  connections_.write([&](Session& session) {
    const auto rows = Query(session, connections_.sql()(update_retry))
                          .with("retry", json)
                          .with("id", id.to_string())
                          .execute();
    if (rows == 0) not_found(id);
  });
}

void SqlTenantStore::remove(TenantId id) {
  connections_.write([&](Session& session) {
    const auto rows =
        Query(session, connections_.sql()(delete_tenant)).with("id", id.to_string()).execute();
    if (rows == 0) not_found(id);
    set_claimable(session, id, false);
    Query(session, connections_.sql()(end_migrations)).with("id", id.to_string()).execute();
  });
}

}  // namespace freight::storage
