#include <algorithm>

#include "core/api_key_secret.hpp"
#include "core/hash.hpp"
#include "database/query.hpp"
#include "storage/jobs/job_rows.hpp"
#include "storage/sql/value_texts.hpp"
#include "storage/tenants/sql_tenant_store.hpp"

namespace freight::storage {
namespace {

using database::Query;
using database::Session;

constexpr std::size_t shown_characters = 8;

constexpr std::string_view insert_key =
    "INSERT INTO freight.api_keys (api_key_id, tenant_id, secret_hash, prefix, scopes, created_at,"
    " expires_at) SELECT @uuid(:id), @uuid(:tenant), :hash, :prefix, :scopes, @now,"
    " @now + CAST(:lifetime AS BIGINT) WHERE @uuid(:tenant) IS NULL OR EXISTS (SELECT 1"
    " FROM freight.tenants AS t WHERE t.tenant_id = @uuid(:tenant) AND t.deleted_at IS NULL)";
constexpr std::string_view key_by_id =
    "SELECT k.api_key_id, k.tenant_id, k.prefix, k.scopes, k.created_at, k.expires_at"
    " FROM freight.api_keys AS k WHERE k.api_key_id = @uuid(:value)";
constexpr std::string_view keys_of_tenant =
    "SELECT k.api_key_id, k.tenant_id, k.prefix, k.scopes, k.created_at, k.expires_at"
    " FROM freight.api_keys AS k"
    " WHERE k.tenant_id = @uuid(:value) AND k.revoked_at IS NULL"
    " ORDER BY k.created_at, k.api_key_id";
// Every prefix is longer than the empty `:value` of list_keys().
constexpr std::string_view keys_of_installation =
    "SELECT k.api_key_id, k.tenant_id, k.prefix, k.scopes, k.created_at, k.expires_at"
    " FROM freight.api_keys AS k"
    " WHERE k.tenant_id IS NULL AND k.revoked_at IS NULL AND k.prefix <> :value"
    " ORDER BY k.created_at, k.api_key_id";
constexpr std::string_view key_by_hash =
    "SELECT k.api_key_id, k.tenant_id, k.prefix, k.scopes, k.created_at, k.expires_at"
    " FROM freight.api_keys AS k"
    " LEFT JOIN freight.tenants AS t ON t.tenant_id = k.tenant_id"
    " WHERE k.secret_hash = :value AND k.revoked_at IS NULL"
    " AND (k.expires_at IS NULL OR k.expires_at > @now)"
    " AND (k.tenant_id IS NULL OR t.deleted_at IS NULL)";
constexpr std::string_view revoke =
    "UPDATE freight.api_keys SET revoked_at = @now"
    " WHERE api_key_id = @uuid(:id) AND revoked_at IS NULL";

std::vector<std::string> names_of(const std::vector<Scope>& scopes) {
  std::vector<std::string> names;
  for (const Scope scope : scopes) names.emplace_back(to_string(scope));
  return names;
}

std::vector<Scope> scopes_of(std::string_view text) {
  std::vector<Scope> scopes;
  for (const std::string& name : texts_of(text)) {
    if (const auto scope = parse_scope(name)) scopes.push_back(*scope);
  }
  return scopes;
}

std::vector<ApiKey> select_keys(Session& session, SqlText& sql, std::string_view statement,
                                const std::string& value) {
  std::vector<ApiKey> keys;
  ApiKey key;
  std::string id;
  std::optional<std::string> tenant_id;
  std::string scopes;
  std::int64_t created_at = 0;
  std::optional<std::int64_t> expires_at;
  Query query(session, sql(statement));
  query.with("value", value).into(id).into(tenant_id).into(key.prefix).into(scopes);
  query.into(created_at).into(expires_at);
  while (query.next()) {
    key.id = ApiKeyId::parse(id).value_or(ApiKeyId());
    key.tenant_id = tenant_id ? TenantId::parse(*tenant_id) : std::nullopt;
    key.scopes = scopes_of(scopes);
    key.created_at = time_of(created_at);
    key.expires_at = expires_at ? std::optional(time_of(*expires_at)) : std::nullopt;
    keys.push_back(key);
  }
  return keys;
}

void check_key(const NewApiKey& key) {
  if (key.tenant_id && key.scopes.empty()) {
    throw Error(Code::invalid_value, "a key has at least one scope",
                {.hint = "choose among read, write and manage"});
  }
  if (key.expires_in && *key.expires_in <= std::chrono::seconds::zero()) {
    throw Error(Code::invalid_value, "a key's expiry is in the future");
  }
}

}  // namespace

CreatedApiKey SqlTenantStore::create_key(const NewApiKey& key) {
  check_key(key);
  std::vector<Scope> scopes = key.tenant_id ? key.scopes : std::vector<Scope>();
  std::sort(scopes.begin(), scopes.end());
  scopes.erase(std::unique(scopes.begin(), scopes.end()), scopes.end());
  const auto names = names_of(scopes);
  const auto id = ApiKeyId::generate();
  CreatedApiKey created;
  created.secret = core::make_api_key_secret();
  created.key = connections_.write([&](Session& session) {
    std::optional<std::int64_t> lifetime;
    if (key.expires_in) lifetime = std::chrono::microseconds(*key.expires_in).count();
    const auto rows = Query(session, connections_.sql()(insert_key))
                          .with("id", id.to_string())
                          .with("tenant", key.tenant_id ? std::optional(key.tenant_id->to_string())
                                                        : std::nullopt)
                          .with("hash", core::sha256_hex(created.secret))
                          .with("prefix", created.secret.substr(0, shown_characters))
                          .with("scopes", text_of(names))
                          .with("lifetime", lifetime)
                          .execute();
    if (rows == 0) {
      throw Error(Code::not_found, "there is no tenant " + key.tenant_id->to_string());
    }
    return select_keys(session, connections_.sql(), key_by_id, id.to_string()).at(0);
  });
  return created;
}

std::vector<ApiKey> SqlTenantStore::list_keys(std::optional<TenantId> tenant_id) {
  return connections_.read([&](Session& session) {
    return tenant_id
               ? select_keys(session, connections_.sql(), keys_of_tenant, tenant_id->to_string())
               : select_keys(session, connections_.sql(), keys_of_installation, "");
  });
}

std::optional<ApiKey> SqlTenantStore::find_key(std::string_view secret) {
  const auto found = connections_.read([&](Session& session) {
    return select_keys(session, connections_.sql(), key_by_hash, core::sha256_hex(secret));
  });
  return found.empty() ? std::nullopt : std::optional(found.front());
}

void SqlTenantStore::revoke_key(ApiKeyId id) {
  connections_.write([&](Session& session) {
    const auto rows =
        Query(session, connections_.sql()(revoke)).with("id", id.to_string()).execute();
    if (rows == 0) throw Error(Code::not_found, "there is no key " + id.to_string());
  });
}

}  // namespace freight::storage
