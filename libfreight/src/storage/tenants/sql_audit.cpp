#include <limits>

#include "database/query.hpp"
#include "storage/jobs/job_rows.hpp"
#include "storage/tenants/sql_tenant_store.hpp"

// The part of SqlTenantStore that keeps the audit log.

namespace freight::storage {
namespace {

using database::Query;
using database::Session;

constexpr std::string_view insert_entry =
    "INSERT INTO freight.audit_entries (time, tenant_id, actor, action, subject, request_id)"
    " VALUES (@now, @uuid(:tenant), :actor, :action, :subject, :request)";
constexpr std::string_view select_entries =
    "SELECT sequence, time, tenant_id, actor, action, subject, request_id"
    " FROM freight.audit_entries"
    " WHERE (@uuid(:tenant) IS NULL OR tenant_id = @uuid(:tenant)) AND sequence < :before"
    " ORDER BY sequence DESC LIMIT :limit";

std::optional<std::string> text_of(const std::optional<TenantId>& id) {
  return id ? std::optional(id->to_string()) : std::nullopt;
}

}  // namespace

void SqlTenantStore::record(const AuditEntry& entry) {
  connections_.write([&](Session& session) {
    Query(session, connections_.sql()(insert_entry))
        .with("tenant", text_of(entry.tenant_id))
        .with("actor", entry.actor)
        .with("action", entry.action)
        .with("subject", entry.subject)
        .with("request", entry.request_id)
        .execute();
  });
}

std::vector<AuditEntry> SqlTenantStore::list_audit(const AuditQuery& query) {
  return connections_.read([&](Session& session) {
    std::vector<AuditEntry> entries;
    AuditEntry entry;
    std::int64_t time = 0;
    std::optional<std::string> tenant;
    Query select(session, connections_.sql()(select_entries));
    select.with("tenant", text_of(query.tenant_id))
        .with("before", query.before.value_or(std::numeric_limits<std::int64_t>::max()))
        .with("limit", query.limit);
    select.into(entry.sequence).into(time).into(tenant).into(entry.actor).into(entry.action);
    select.into(entry.subject).into(entry.request_id);
    while (select.next()) {
      entry.time = time_of(time);
      entry.tenant_id = tenant ? TenantId::parse(*tenant) : std::nullopt;
      entries.push_back(entry);
    }
    return entries;
  });
}

}  // namespace freight::storage
