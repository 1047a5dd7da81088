#include <array>
#include <chrono>

#include <boost/json.hpp>

#include "freight/storage.hpp"
#include "freight/tenant_limits.hpp"
#include "rest/authenticator.hpp"
#include "rest/body.hpp"
#include "rest/query.hpp"
#include "rest/routes.hpp"
#include "rest/services.hpp"
#include "rest/shapes.hpp"
#include "rest/text.hpp"

// What only the installation's admin key may: tenants, their keys, the audit log.

namespace freight::daemon::rest {
namespace {

namespace json = boost::json;

constexpr std::uint64_t most_of_anything = 1'000'000'000'000'000;
constexpr std::uint64_t most_weight = 1'000'000;
constexpr std::size_t longest_name = 200;

TenantStore& tenants_of(const Call& call) { return call.services.storage.tenants(); }

Tenant tenant_of(const Call& call) {
  const auto id = call.path_id<TenantId>("tenant_id", "tenant");
  auto tenant = tenants_of(call).find(id);
  if (!tenant) throw not_found("tenant");
  return *std::move(tenant);
}

/// Limits that are not named, or null, do not limit.
/// What is not named stays as it is in `read`; null takes a limit away.
std::optional<TenantLimits> read_limits(ObjectReader& reader, TenantLimits read = {}) {
  const json::object* const object = reader.object("limits");
  if (object == nullptr) return std::nullopt;
  ObjectReader limits(*object, reader.pointer_of("limits"));
  for_each_limit(read, [&](std::string_view key, std::optional<std::uint64_t>& target) {
    const auto given = limits.number(key, 0, most_of_anything);
    if (object->contains(json::string_view(key.data(), key.size()))) target = given;
  });
  reader.report(limits.take_errors());
  return read;
}

/// A name or an external id that is taken is the client's to change.
[[noreturn]] void refuse_taken(const Error& error) {
  if (error.code() != Code::invalid_value) throw error;
  throw invalid_body({{.pointer = "/name", .code = Code::invalid_value, .detail = error.what()}});
}

http::Answer create_tenant(Call& call) {
  const json::object body = json_body(call.request);
  ObjectReader reader(body);
  NewTenant tenant;
  reader.require("name");
  tenant.name = reader.text("name", longest_name).value_or("");
  tenant.external_id = reader.text("external_id", longest_name);
  tenant.weight = static_cast<std::uint32_t>(reader.number("weight", 1, most_weight).value_or(1));
  tenant.limits = read_limits(reader).value_or(TenantLimits());
  reader.finish();
  try {
    const Tenant made = tenants_of(call).create(tenant);
    http::Answer answer = json_answer(shape_of(made), 201);
    answer.headers.emplace_back("Location", "/api/v1/admin/tenants/" + made.id.to_string());
    return answer;
  } catch (const Error& error) {
    refuse_taken(error);
  }
}

/// The part of a list that a page shows; lists of tenants and keys are short enough to be cut here.
template <typename Item>
http::Answer page_of(Call& call, const std::vector<Item>& all) {
  Query query(call);
  const PageQuery page = read_page(query);
  const std::uint64_t first = read_number_cursor(query, page).value_or(0);
  query.finish();
  json::array items;
  std::uint64_t at = first;
  for (; at < all.size() && items.size() < page.limit; ++at) items.push_back(shape_of(all[at]));
  json::object body =
      page_object(std::move(items), at < all.size() ? cursor_of(std::to_string(at)) : "");
  if (page.total) add_total(body, all.size());
  return json_answer(body);
}

http::Answer list_tenants(Call& call) { return page_of(call, tenants_of(call).list()); }

http::Answer get_tenant(Call& call) { return json_answer(shape_of(tenant_of(call))); }

std::optional<TenantStatus> read_status(ObjectReader& reader) {
  const auto name = reader.text("status");
  if (!name) return std::nullopt;
  for (const TenantStatus status : {TenantStatus::active, TenantStatus::suspended}) {
    if (*name == to_string(status)) return status;
  }
  reader.report("status", "takes active or suspended");
  return std::nullopt;
}

http::Answer patch_tenant(Call& call) {
  const Tenant tenant = tenant_of(call);
  require_content_type(call.request, {"application/json", "application/merge-patch+json"});
  const json::object body = json_object(call.request);
  ObjectReader reader(body);
  TenantChange change;
  change.name = reader.text("name", longest_name);
  change.status = read_status(reader);
  if (const auto weight = reader.number("weight", 1, most_weight))
    change.weight = static_cast<std::uint32_t>(*weight);
  change.limits = read_limits(reader, tenant.limits);
  reader.finish();
  try {
    const Tenant changed = tenants_of(call).update(tenant.id, change);
    call.services.authenticator.forget();
    return json_answer(shape_of(changed));
  } catch (const Error& error) {
    refuse_taken(error);
  }
}

http::Answer delete_tenant(Call& call) {
  const Tenant tenant = tenant_of(call);
  tenants_of(call).remove(tenant.id);
  call.services.authenticator.forget();
  return {.status = 204};
}

std::vector<Scope> read_scopes(ObjectReader& reader) {
  const auto names = reader.texts("scopes", 3);
  if (!names) return NewApiKey().scopes;
  std::vector<Scope> scopes;
  for (const std::string& name : *names) {
    const auto scope = parse_scope(name);
    if (scope) scopes.push_back(*scope);
    if (!scope) reader.report("scopes", "takes read, write and manage");
  }
  if (names->empty()) reader.report("scopes", "has at least one scope");
  // Who may write may manage, unless the scopes say otherwise by naming more than that.
  if (scopes == std::vector{Scope::write}) scopes.push_back(Scope::manage);
  return scopes;
}

/// `expires_at`, or `expires_in_s` from now on.
std::optional<std::chrono::seconds> read_expiry(ObjectReader& reader) {
  constexpr std::uint64_t ten_years = 315'360'000;
  if (const auto seconds = reader.number("expires_in_s", 1, ten_years))
    return std::chrono::seconds(*seconds);
  const auto text = reader.text("expires_at");
  if (!text) return std::nullopt;
  const auto time = parse_timestamp(*text);
  const auto now = system_clock().now();
  if (time && *time > now) {
    return std::max(std::chrono::ceil<std::chrono::seconds>(*time - now), std::chrono::seconds(1));
  }
  reader.report("expires_at", time ? "is not in the future" : "is no RFC 3339 time");
  return std::nullopt;
}

http::Answer create_key(Call& call) {
  const Tenant tenant = tenant_of(call);
  const json::object body = optional_json_body(call.request);
  ObjectReader reader(body);
  NewApiKey key;
  key.tenant_id = tenant.id;
  key.scopes = read_scopes(reader);
  key.expires_in = read_expiry(reader);
  reader.finish();
  const CreatedApiKey made = tenants_of(call).create_key(key);
  call.services.authenticator.forget();
  json::object object = shape_of(made.key);
  object["key"] = made.secret;
  http::Answer answer = json_answer(object, 201);
  answer.headers.emplace_back("Location", "/api/v1/admin/keys/" + made.key.id.to_string());
  return answer;
}

http::Answer list_keys(Call& call) {
  const Tenant tenant = tenant_of(call);
  return page_of(call, tenants_of(call).list_keys(tenant.id));
}

http::Answer delete_key(Call& call) {
  const auto id = call.path_id<ApiKeyId>("key_id", "key");
  try {
    tenants_of(call).revoke_key(id);
  } catch (const Error& error) {
    if (error.code() != Code::not_found) throw;
    throw not_found("key");
  }
  call.services.authenticator.forget();
  return {.status = 204};
}

/// The jobs of all tenants, tenant by tenant, each newest first.
http::Answer list_all_jobs(Call& call) {
  Query query(call);
  JobQuery jobs;
  jobs.statuses = query.choices("status", &parse_job_status, "the status of a job");
  const auto only = query.id<TenantId>("tenant_id");
  const PageQuery page = read_page(query);
  // A cursor says in which tenant to go on, and where.
  std::string tenant_from;
  if (page.cursor) {
    const auto place = place_of_cursor(*page.cursor);
    const auto slash = place ? place->find('/') : std::string::npos;
    if (slash == std::string::npos || !TenantId::parse(place->substr(0, slash))) {
      query.report("cursor", "is none that this list has given");
    } else {
      tenant_from = place->substr(0, slash);
      jobs.cursor = place->substr(slash + 1);
    }
  }
  query.finish();
  json::array items;
  std::string next;
  bool begun = tenant_from.empty();
  for (const Tenant& tenant : tenants_of(call).list()) {
    if (only && tenant.id != *only) continue;
    if (!begun && tenant.id.to_string() != tenant_from) continue;
    begun = true;
    if (items.size() == page.limit) {
      next = cursor_of(tenant.id.to_string() + "/");
      break;
    }
    jobs.limit = static_cast<std::uint32_t>(page.limit - items.size());
    JobPage found;
    try {
      found = call.jobs().list_jobs(tenant.id, jobs);
    } catch (const Error& error) {
      if (error.code() != Code::invalid_value) throw;
      query.report("cursor", "is none that this list has given");
      query.finish();
    }
    jobs.cursor.clear();
    for (const Job& job : found.jobs) items.push_back(shape_of(job));
    if (!found.next_cursor.empty()) {
      next = cursor_of(tenant.id.to_string() + "/" + found.next_cursor);
      break;
    }
  }
  return json_answer(page_object(std::move(items), next));
}

json::object shape_of_entry(const AuditEntry& entry) {
  json::object object{{"id", std::to_string(entry.sequence)},
                      {"time", format_timestamp(entry.time)},
                      {"tenant_id", nullptr},
                      {"actor", entry.actor},
                      {"action", entry.action},
                      {"subject", entry.subject},
                      {"request_id", entry.request_id}};
  if (entry.tenant_id) object["tenant_id"] = entry.tenant_id->to_string();
  return object;
}

http::Answer list_audit(Call& call) {
  Query query(call);
  AuditQuery audit;
  audit.tenant_id = query.id<TenantId>("tenant_id");
  const PageQuery page = read_page(query);
  audit.before = read_number_cursor(query, page);
  query.finish();
  audit.limit = page.limit + 1;
  auto found = tenants_of(call).list_audit(audit);
  const bool more = cut_page(found, page);
  json::array items;
  for (const AuditEntry& entry : found) items.push_back(shape_of_entry(entry));
  std::string next;
  if (more) next = cursor_of(std::to_string(found.back().sequence));
  json::object body = page_object(std::move(items), next);
  if (page.total) {
    audit.before.reset();
    audit.limit = most_counted + 1;
    add_total(body, tenants_of(call).list_audit(audit).size());
  }
  return json_answer(body);
}

constexpr std::array all_jobs_parameters{
    Parameter{"status", "JobStatus", "only jobs of these statuses", true},
    Parameter{"tenant_id", "Id", "only of this tenant"}, limit_parameter, cursor_parameter,
    total_parameter};
constexpr std::array audit_parameters{Parameter{"tenant_id", "Id", "only of this tenant"},
                                      limit_parameter, cursor_parameter, total_parameter};

constexpr std::array admin_table{
    Route{.method = "POST",
          .path = "/api/v1/admin/tenants",
          .operation_id = "createTenant",
          .access = Access::admin,
          .handle = create_tenant,
          .summary = "Make a tenant",
          .body = "NewTenant",
          .answer = "Tenant",
          .status = 201},
    Route{.method = "GET",
          .path = "/api/v1/admin/tenants",
          .operation_id = "listTenants",
          .access = Access::admin,
          .handle = list_tenants,
          .summary = "All tenants, by name",
          .parameters = page_parameters,
          .answer = "TenantPage"},
    Route{.method = "GET",
          .path = "/api/v1/admin/tenants/{tenant_id}",
          .operation_id = "getTenant",
          .access = Access::admin,
          .handle = get_tenant,
          .summary = "One tenant",
          .answer = "Tenant"},
    Route{.method = "PATCH",
          .path = "/api/v1/admin/tenants/{tenant_id}",
          .operation_id = "patchTenant",
          .access = Access::admin,
          .handle = patch_tenant,
          .summary = "Rename, suspend, weigh or limit a tenant",
          .body = "TenantPatch",
          .answer = "Tenant",
          .body_type = "application/json application/merge-patch+json"},
    Route{.method = "DELETE",
          .path = "/api/v1/admin/tenants/{tenant_id}",
          .operation_id = "deleteTenant",
          .access = Access::admin,
          .handle = delete_tenant,
          .summary = "Delete a tenant; its keys stop working",
          .status = 204},
    Route{.method = "POST",
          .path = "/api/v1/admin/tenants/{tenant_id}/keys",
          .operation_id = "createKey",
          .access = Access::admin,
          .handle = create_key,
          .summary = "Make a key; it is shown this once",
          .body = "NewKey",
          .answer = "CreatedKey",
          .status = 201},
    Route{.method = "GET",
          .path = "/api/v1/admin/tenants/{tenant_id}/keys",
          .operation_id = "listKeys",
          .access = Access::admin,
          .handle = list_keys,
          .summary = "The keys of a tenant",
          .parameters = page_parameters,
          .answer = "KeyPage"},
    Route{.method = "DELETE",
          .path = "/api/v1/admin/keys/{key_id}",
          .operation_id = "deleteKey",
          .access = Access::admin,
          .handle = delete_key,
          .summary = "Revoke a key, at once on this node and within a second on the others",
          .status = 204},
    Route{.method = "GET",
          .path = "/api/v1/admin/jobs",
          .operation_id = "listAllJobs",
          .access = Access::admin,
          .handle = list_all_jobs,
          .summary = "The jobs of all tenants",
          .parameters = all_jobs_parameters,
          .answer = "JobPage"},
    Route{.method = "GET",
          .path = "/api/v1/admin/audit",
          .operation_id = "listAudit",
          .access = Access::admin,
          .handle = list_audit,
          .summary = "Who changed what, the newest first",
          .parameters = audit_parameters,
          .answer = "AuditPage"},
};

}  // namespace

std::span<const Route> admin_routes() { return admin_table; }

}  // namespace freight::daemon::rest
