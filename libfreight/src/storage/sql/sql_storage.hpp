#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <span>

#include "freight/storage.hpp"
#include "storage/jobs/sql_job_store.hpp"
#include "storage/jobs/sql_migration_store.hpp"
#include "storage/sql/embedded_migrations.hpp"
#include "storage/sql/node_liveness.hpp"
#include "storage/sql/schema_migrator.hpp"
#include "storage/sql/store_connections.hpp"
#include "storage/tenants/sql_connection_store.hpp"
#include "storage/tenants/sql_tenant_store.hpp"
#include "storage/tenants/sql_upload_store.hpp"

namespace freight::storage {

/// A storage over either backend: everything that differs comes in from outside.
class SqlStorage final : public Storage {
 public:
  struct Parts {
    StoreConnections::Options connections;
    std::span<const EmbeddedMigration> migrations;
    std::unique_ptr<NodeLiveness> liveness;
    /// What holds() asks: is this the storage's own database, and if so how are its tables named?
    std::function<bool(std::string_view url, std::string_view table)> holds;
  };

  /// With `upgrade` brings the schema up to date first.
  SqlStorage(Parts parts, bool upgrade);

  TenantStore& tenants() override;
  JobStore& jobs() override;
  WorkStore& work() override;
  MigrationStore& migrations() override;
  UploadStore& uploads() override;
  ConnectionStore& connections() override;
  std::string display_url() const override { return connections_.display_url(); }
  SchemaStatus schema_status() override { return migrator_.status(); }
  void upgrade() override;
  bool holds(std::string_view url, std::string_view table) const override {
    return holds_(url, table);
  }

 private:
  void require_schema();

  StoreConnections connections_;
  SchemaMigrator migrator_;
  std::unique_ptr<NodeLiveness> liveness_;
  std::function<bool(std::string_view, std::string_view)> holds_;
  SqlTenantStore tenants_;
  SqlUploadStore uploads_;
  SqlConnectionStore named_connections_;
  SqlJobStore jobs_;
  SqlMigrationStore migrations_;
  std::atomic<bool> current_ = false;
};

/// The names of the storage's tables, without a schema.
std::span<const std::string_view> storage_tables();

}  // namespace freight::storage
