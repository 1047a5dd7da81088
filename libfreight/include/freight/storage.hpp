#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "freight/connection_store.hpp"
#include "freight/engine/work_store.hpp"
#include "freight/job_store.hpp"
#include "freight/migration_store.hpp"
#include "freight/tenant_store.hpp"
#include "freight/upload_store.hpp"

namespace freight {

/// @addtogroup asking
/// @{

/// How far the schema of a storage is.
struct SchemaStatus {
  /// 0 for a database that holds no Freight schema yet.
  int version = 0;
  /// What this build of Freight needs.
  int latest = 0;
  /// One step from one version of the schema to the next.
  struct Migration {
    int version = 0;
    std::string name;
    /// Empty when it is not applied yet.
    std::string applied_at;
  };
  std::vector<Migration> migrations;
};

/// One database that holds Freight's own state. Thread-safe. The stores live as long as it does.
class Storage {
 public:
  virtual ~Storage() = default;

  /// Tenants and their API keys. Owned by the storage.
  virtual TenantStore& tenants() = 0;
  /// Jobs and all that belongs to them. Owned by the storage.
  virtual JobStore& jobs() = 0;
  /// What engines claim and report. Owned by the storage.
  virtual WorkStore& work() = 0;

  /// Migrations: many tables at once. Owned by the storage.
  virtual MigrationStore& migrations() = 0;
  /// The tenants' uploaded files. Owned by the storage.
  virtual UploadStore& uploads() = 0;
  /// The tenants' named credentials. Owned by the storage.
  virtual ConnectionStore& connections() = 0;

  /// The URL without secrets.
  virtual std::string display_url() const = 0;

  /// Which migrations are applied and which this build still has. Changes nothing, whatever version
  /// it meets. Throws storage_unavailable and the like.
  virtual SchemaStatus schema_status() = 0;
  /// Applies what is missing, under a lock; safe to race. Throws newer_format or migration_changed.
  virtual void upgrade() = 0;

  /// True when writing to `table` of the database at `url` would write to the storage itself: one
  /// of its own tables, or, with SQLite, anything in its file.
  virtual bool holds(std::string_view url, std::string_view table) const = 0;
};

/// How a storage is opened.
struct StorageOptions {
  /// Apply missing migrations on opening; otherwise an older schema is refused by the first call.
  bool upgrade = true;
};

/// Opens storages by the scheme of a URL. A value: a program adds its own to a copy of the
/// defaults.
class StorageRegistry {
 public:
  /// Opens a storage of one backend. Throws Error when it cannot.
  using Factory =
      std::function<std::unique_ptr<Storage>(std::string_view url, const StorageOptions&)>;

  /// Opens URLs that begin with `scheme` and a colon by `factory`; replaces an earlier one of it.
  /// Not to be called while another thread opens storages of this registry.
  void add(std::string scheme, Factory factory);
  /// Throws Error(unsupported_storage) for an unknown scheme, and what the backend throws.
  std::unique_ptr<Storage> open(std::string_view url, const StorageOptions& options = {}) const;

 private:
  std::map<std::string, Factory, std::less<>> factories_;
};

/// The backends of this build: `sqlite:<path>`, `postgresql://…`. In the umbrella Freight::freight.
StorageRegistry default_storages();

/// default_storages().open(url, options). In the umbrella Freight::freight.
std::unique_ptr<Storage> open_storage(std::string_view url, const StorageOptions& options = {});

/// @}

}  // namespace freight
