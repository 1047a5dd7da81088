#include "storage/sql/schema_migrator.hpp"

#include <chrono>

#include "core/hash.hpp"
#include "database/query.hpp"
#include "freight/time.hpp"

namespace freight::storage {
namespace {

using database::Backend;
using database::Query;
using database::Session;

constexpr std::string_view find_table =
    "SELECT count(*) FROM "
    "@pg{information_schema.tables WHERE table_schema = 'freight' AND table_name = "
    "'schema_migrations'}"
    "@lite{sqlite_master WHERE type = 'table' AND name = 'schema_migrations'}";
constexpr std::string_view find_schema =
    "SELECT count(*) FROM @pg{pg_catalog.pg_namespace WHERE nspname = 'freight'}"
    "@lite{(SELECT 1)}";
constexpr std::string_view make_table =
    "CREATE TABLE IF NOT EXISTS freight.schema_migrations ("
    " version BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL,"
    " applied_at BIGINT NOT NULL)";
constexpr std::string_view read_rows =
    "SELECT version, name, checksum, applied_at FROM freight.schema_migrations ORDER BY version";
constexpr std::string_view add_row =
    "INSERT INTO freight.schema_migrations (version, name, checksum, applied_at) "
    "VALUES (:version, :name, :checksum, @now)";
// Any number, as long as nobody else uses it for another lock.
constexpr const char* take_lock = "SELECT pg_advisory_xact_lock(6073468374019174)";

std::uint64_t count(Session& session, const std::string& sql) {
  std::uint64_t found = 0;
  Query query(session, sql);
  query.into(found);
  query.next();
  return found;
}

}  // namespace

bool SchemaMigrator::has_table(Session& session) {
  return count(session, connections_.sql()(find_table)) > 0;
}

std::vector<SchemaMigrator::Applied> SchemaMigrator::read_applied(Session& session) {
  std::vector<Applied> rows;
  if (!has_table(session)) return rows;
  Applied row;
  Query query(session, connections_.sql()(read_rows));
  query.into(row.version).into(row.name).into(row.checksum).into(row.applied_at);
  while (query.next()) rows.push_back(row);
  return rows;
}

void SchemaMigrator::check(const std::vector<Applied>& applied) const {
  if (applied.size() > migrations_.size()) {
    throw Error(Code::newer_format,
                "storage " + connections_.display_url() + " has schema version " +
                    std::to_string(applied.back().version) + ", this Freight knows " +
                    std::to_string(migrations_.size()),
                {.hint = "use the Freight that made it, or a newer one"});
  }
  for (std::size_t i = 0; i < applied.size(); ++i) {
    const auto& ours = migrations_[i];
    if (applied[i].version != ours.version || applied[i].name != ours.name ||
        applied[i].checksum != core::sha256_hex(ours.sql)) {
      throw Error(Code::migration_changed,
                  "storage " + connections_.display_url() + ": the applied migration " +
                      std::to_string(applied[i].version) + " '" + applied[i].name +
                      "' is not the one that this Freight has",
                  {.hint = "use the Freight that made it"});
    }
  }
}

void SchemaMigrator::apply(Session& session, const EmbeddedMigration& migration) {
  session.run(std::string(migration.sql));
  Query(session, connections_.sql()(add_row))
      .with("version", migration.version)
      .with("name", std::string(migration.name))
      .with("checksum", core::sha256_hex(migration.sql))
      .execute();
}

void SchemaMigrator::upgrade() {
  // A look without a lock first: a storage that is up to date is opened while others write.
  const auto before = connections_.read([&](Session& session) { return read_applied(session); });
  check(before);
  if (before.size() == migrations_.size()) return;
  connections_.write([&](Session& session) {
    const bool postgresql = session.backend() == Backend::postgresql;
    if (postgresql) session.run(take_lock);
    // An ordinary role may be given the schema without the right to make one.
    if (postgresql && count(session, connections_.sql()(find_schema)) == 0) {
      session.run("CREATE SCHEMA freight");
    }
    session.run(connections_.sql()(make_table));
    const auto applied = read_applied(session);
    check(applied);
    for (auto i = applied.size(); i < migrations_.size(); ++i) apply(session, migrations_[i]);
  });
}

void SchemaMigrator::require_current() {
  const auto applied = connections_.read([&](Session& session) { return read_applied(session); });
  check(applied);
  if (applied.size() < migrations_.size()) {
    throw Error(Code::storage_failed,
                "storage " + connections_.display_url() + " has schema version " +
                    std::to_string(applied.size()) + ", this Freight needs " +
                    std::to_string(migrations_.size()),
                {.hint = "run `freightd storage upgrade`"});
  }
}

SchemaStatus SchemaMigrator::status() {
  const auto applied = connections_.read([&](Session& session) { return read_applied(session); });
  SchemaStatus status;
  status.version = applied.empty() ? 0 : applied.back().version;
  status.latest = static_cast<int>(migrations_.size());
  for (const auto& row : applied) {
    const Timestamp at{std::chrono::microseconds(row.applied_at)};
    status.migrations.push_back(
        {.version = row.version, .name = row.name, .applied_at = format_timestamp(at)});
  }
  for (auto i = applied.size(); i < migrations_.size(); ++i) {
    status.migrations.push_back({.version = migrations_[i].version,
                                 .name = std::string(migrations_[i].name),
                                 .applied_at = {}});
  }
  return status;
}

}  // namespace freight::storage
