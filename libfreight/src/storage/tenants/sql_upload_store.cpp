#include "storage/tenants/sql_upload_store.hpp"

#include "database/query.hpp"
#include "freight/error.hpp"
#include "storage/jobs/job_rows.hpp"
#include "storage/sql/json_rows.hpp"

namespace freight::storage {
namespace {

using database::Query;
using database::Session;

constexpr std::string_view insert_upload =
    "INSERT INTO freight.uploads (tenant_id, upload_id, filename, bytes, sha256, idempotency_key,"
    " created_at) VALUES (@uuid(:tenant), @uuid(:id), :filename, :bytes, :sha256, :key, @now)"
    " ON CONFLICT DO NOTHING";
constexpr std::string_view upload_by_id =
    "SELECT tenant_id, upload_id, filename, bytes, sha256, created_at FROM freight.uploads"
    " WHERE tenant_id = @uuid(:tenant) AND upload_id = @uuid(:id)";
constexpr std::string_view by_key =
    "SELECT tenant_id, upload_id, filename, bytes, sha256, created_at FROM freight.uploads"
    " WHERE tenant_id = @uuid(:tenant) AND idempotency_key = :key";
constexpr std::string_view upload_page =
    "SELECT tenant_id, upload_id, filename, bytes, sha256, created_at FROM freight.uploads"
    " WHERE tenant_id = @uuid(:tenant) AND upload_id > @uuid(:id)"
    " ORDER BY upload_id LIMIT :limit";
constexpr std::string_view sum_bytes =
    "SELECT CAST(coalesce(sum(bytes), 0) AS BIGINT) FROM freight.uploads"
    " WHERE tenant_id = @uuid(:tenant)";
// An id is found in a spec nowhere but where it is meant.
constexpr std::string_view count_users =
    "SELECT count(*) FROM freight.migration_jobs AS j JOIN freight.migration_job_specs AS s"
    " ON s.tenant_id = j.tenant_id AND s.job_id = j.job_id"
    " WHERE j.tenant_id = @uuid(:tenant) AND j.status IN"
    " ('scheduled', 'pending', 'running', 'paused', 'cancelling')"
    " AND s.spec LIKE '%' || :text || '%'";
constexpr std::string_view delete_upload =
    "DELETE FROM freight.uploads WHERE tenant_id = @uuid(:tenant) AND upload_id = @uuid(:id)";
constexpr std::string_view select_unused =
    "SELECT tenant_id, upload_id, filename, bytes, sha256, created_at FROM freight.uploads AS u"
    " WHERE created_at < :before AND NOT EXISTS"
    " (SELECT 1 FROM freight.migration_jobs AS j JOIN freight.migration_job_specs AS s"
    "  ON s.tenant_id = j.tenant_id AND s.job_id = j.job_id"
    "  WHERE j.tenant_id = u.tenant_id AND j.status IN"
    "  ('scheduled', 'pending', 'running', 'paused', 'cancelling')"
    "  AND s.spec LIKE '%' || CAST(u.upload_id AS TEXT) || '%')"
    " ORDER BY created_at LIMIT 1000";
constexpr std::string_view insert_piece =
    "INSERT INTO freight.upload_pieces (upload_id, number, bytes, created_at)"
    " VALUES (@uuid(:id), :number, @bytes(:bytes), @now)";
constexpr std::string_view select_piece =
    "SELECT @hex(bytes) FROM freight.upload_pieces"
    " WHERE upload_id = @uuid(:id) AND number = :number";
constexpr std::string_view delete_pieces =
    "DELETE FROM freight.upload_pieces WHERE upload_id = @uuid(:id)";

constexpr std::string_view delete_abandoned =
    "DELETE FROM freight.upload_pieces WHERE upload_id IN"
    " (SELECT p.upload_id FROM freight.upload_pieces AS p"
    "  LEFT JOIN freight.uploads AS u ON u.upload_id = p.upload_id"
    "  WHERE u.upload_id IS NULL GROUP BY p.upload_id HAVING max(p.created_at) < :before)";

std::vector<Upload> read_uploads(Query& query) {
  std::vector<Upload> rows;
  Upload row;
  std::string tenant;
  std::string id;
  std::int64_t created_at = 0;
  query.into(tenant).into(id).into(row.filename).into(row.bytes).into(row.sha256).into(created_at);
  while (query.next()) {
    row.tenant_id = TenantId::parse(tenant).value_or(TenantId());
    row.id = UploadId::parse(id).value_or(UploadId());
    row.created_at = time_of(created_at);
    rows.push_back(row);
  }
  return rows;
}

std::vector<Upload> select_one(Session& session, SqlText& sql, TenantId tenant_id, UploadId id) {
  Query query(session, sql(upload_by_id));
  query.with("tenant", tenant_id.to_string()).with("id", id.to_string());
  return read_uploads(query);
}

}  // namespace

Upload SqlUploadStore::add(const Upload& upload, const std::optional<std::string>& key) {
  return connections_.write(upload.tenant_id, [&](Session& session) {
    Query(session, connections_.sql()(insert_upload))
        .with("tenant", upload.tenant_id.to_string())
        .with("id", upload.id.to_string())
        .with("filename", upload.filename)
        .with("bytes", upload.bytes)
        .with("sha256", upload.sha256)
        .with("key", key)
        .execute();
    auto made = select_one(session, connections_.sql(), upload.tenant_id, upload.id);
    if (!made.empty()) return made.front();
    Query earlier(session, connections_.sql()(by_key));
    earlier.with("tenant", upload.tenant_id.to_string()).with("key", key);
    const auto first = read_uploads(earlier);
    if (first.empty() || first.front().sha256 != upload.sha256 ||
        first.front().filename != upload.filename) {
      throw Error(Code::idempotency_conflict,
                  "the idempotency key was used for another file already");
    }
    return first.front();
  });
}

std::optional<Upload> SqlUploadStore::find(TenantId tenant_id, UploadId id) {
  const auto rows = connections_.read(tenant_id, [&](Session& session) {
    return select_one(session, connections_.sql(), tenant_id, id);
  });
  return rows.empty() ? std::nullopt : std::optional(rows.front());
}

std::vector<Upload> SqlUploadStore::list(TenantId tenant_id, std::optional<UploadId> after,
                                         std::uint32_t limit) {
  return connections_.read(tenant_id, [&](Session& session) {
    Query query(session, connections_.sql()(upload_page));
    query.with("tenant", tenant_id.to_string())
        .with("id", after.value_or(UploadId()).to_string())
        .with("limit", limit);
    return read_uploads(query);
  });
}

UploadRemoval SqlUploadStore::remove(TenantId tenant_id, UploadId id) {
  return connections_.write(tenant_id, [&](Session& session) {
    std::int64_t users = 0;
    Query count(session, connections_.sql()(count_users));
    count.with("tenant", tenant_id.to_string()).with("text", id.to_string()).into(users);
    if (count.next() && users > 0) return UploadRemoval::in_use;
    const auto rows = Query(session, connections_.sql()(delete_upload))
                          .with("tenant", tenant_id.to_string())
                          .with("id", id.to_string())
                          .execute();
    return rows == 0 ? UploadRemoval::not_found : UploadRemoval::removed;
  });
}

std::uint64_t SqlUploadStore::bytes_used(TenantId tenant_id) {
  return connections_.read(tenant_id, [&](Session& session) {
    std::uint64_t bytes = 0;
    Query query(session, connections_.sql()(sum_bytes));
    query.with("tenant", tenant_id.to_string()).into(bytes);
    query.next();
    return bytes;
  });
}

std::vector<Upload> SqlUploadStore::list_unused(Timestamp before) {
  return connections_.read([&](Session& session) {
    Query query(session, connections_.sql()(select_unused));
    query.with("before", before.time_since_epoch().count());
    return read_uploads(query);
  });
}

void SqlUploadStore::write_piece(UploadId id, std::uint64_t number, std::string_view bytes) {
  const std::string hex = hex_of(bytes);
  connections_.write([&](Session& session) {
    Query(session, connections_.sql()(insert_piece))
        .with("id", id.to_string())
        .with("number", number)
        .with("bytes", hex)
        .execute();
  });
}

std::optional<std::string> SqlUploadStore::read_piece(UploadId id, std::uint64_t number) {
  const auto hex = connections_.read([&](Session& session) {
    std::optional<std::string> found;
    std::string text;
    Query query(session, connections_.sql()(select_piece));
    query.with("id", id.to_string()).with("number", number).into(text);
    if (query.next()) found = text;
    return found;
  });
  return hex ? std::optional(bytes_of_hex(*hex)) : std::nullopt;
}

void SqlUploadStore::drop_pieces(UploadId id) {
  connections_.write([&](Session& session) {
    Query(session, connections_.sql()(delete_pieces)).with("id", id.to_string()).execute();
  });
}

std::uint64_t SqlUploadStore::drop_abandoned_pieces(Timestamp before) {
  return connections_.write([&](Session& session) {
    return Query(session, connections_.sql()(delete_abandoned))
        .with("before", before.time_since_epoch().count())
        .execute();
  });
}

}  // namespace freight::storage
