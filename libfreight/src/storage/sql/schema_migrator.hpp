#pragma once

#include <span>

#include "freight/storage.hpp"
#include "storage/sql/embedded_migrations.hpp"
#include "storage/sql/store_connections.hpp"

namespace freight::storage {

/// Brings the schema of a storage to what this build needs. Thread-safe, and safe to race with
/// other processes: a lock of the database lets one after the other look and apply.
class SchemaMigrator {
 public:
  SchemaMigrator(StoreConnections& connections, std::span<const EmbeddedMigration> migrations)
      : connections_(connections), migrations_(migrations) {}

  SchemaStatus status();

  /// Applies what is missing. Throws newer_format when the database has more than this build knows,
  /// and migration_changed when an applied one has another checksum or name.
  void upgrade();

  /// Throws unless the schema is exactly what this build needs.
  void require_current();

 private:
  struct Applied {
    int version = 0;
    std::string name;
    std::string checksum;
    long long applied_at = 0;
  };

  std::vector<Applied> read_applied(database::Session& session);
  void check(const std::vector<Applied>& applied) const;
  void apply(database::Session& session, const EmbeddedMigration& migration);
  bool has_table(database::Session& session);

  StoreConnections& connections_;
  std::span<const EmbeddedMigration> migrations_;
};

}  // namespace freight::storage
