#include "storage/sql/sql_storage.hpp"

#include <array>

namespace freight::storage {

SqlStorage::SqlStorage(Parts parts, bool upgrade)
    : connections_(std::move(parts.connections)),
      migrator_(connections_, parts.migrations),
      liveness_(std::move(parts.liveness)),
      holds_(std::move(parts.holds)),
      tenants_(connections_),
      uploads_(connections_),
      named_connections_(connections_),
      jobs_(connections_, *liveness_),
      migrations_(connections_, jobs_) {
  if (upgrade) SqlStorage::upgrade();
}

void SqlStorage::upgrade() {
  migrator_.upgrade();
  current_ = true;
}

void SqlStorage::require_schema() {
  if (current_) return;
  migrator_.require_current();
  current_ = true;
}

TenantStore& SqlStorage::tenants() {
  require_schema();
  return tenants_;
}

JobStore& SqlStorage::jobs() {
  require_schema();
  return jobs_;
}

WorkStore& SqlStorage::work() {
  require_schema();
  return jobs_;
}

MigrationStore& SqlStorage::migrations() {
  require_schema();
  return migrations_;
}

UploadStore& SqlStorage::uploads() {
  require_schema();
  return uploads_;
}

ConnectionStore& SqlStorage::connections() {
  require_schema();
  return named_connections_;
}

std::span<const std::string_view> storage_tables() {
  static constexpr std::array<std::string_view, 21> tables{"schema_migrations",
                                                           "tenants",
                                                           "tenant_shares",
                                                           "migration_jobs",
                                                           "migration_job_specs",
                                                           "migration_batches",
                                                           "batch_queue",
                                                           "migration_logs",
                                                           "dead_letters",
                                                           "nodes",
                                                           "events",
                                                           "idempotency_keys",
                                                           "api_keys",
                                                           "replay_corrections",
                                                           "reject_ranges",
                                                           "migration_passes",
                                                           "audit_entries",
                                                           "uploads",
                                                           "upload_pieces",
                                                           "connections",
                                                           "migration_groups"};
  return tables;
}

}  // namespace freight::storage
