#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "database/postgresql/postgresql_session.hpp"
#include "database/query.hpp"
#include "database/sqlite/sqlite_session.hpp"
#include "freight/postgresql_storage.hpp"
#include "freight/sqlite_storage.hpp"
#include "freight/testing/storage/storage_fixture.hpp"
#include "support/database_with_schema.hpp"
#include "support/temporary_folder.hpp"
#include "support/test_database.hpp"

namespace freight::testing {

/// A new database of one backend, for one test: empty, or with the schema in place, which spares
/// the test its migrations where that takes long.
class TestStorageDatabase {
 public:
  explicit TestStorageDatabase(database::Backend backend, bool with_schema = false)
      : backend_(backend) {
    if (backend != database::Backend::postgresql) return;
    server_ = with_schema ? std::make_unique<TestDatabase>(database_with_schema())
                          : std::make_unique<TestDatabase>();
  }

  database::Backend backend() const { return backend_; }
  std::string url() const {
    return server_ ? server_->url() : "sqlite:" + (folder_ / "freight.db").string();
  }
  const TemporaryFolder& folder() const { return folder_; }

  std::unique_ptr<Storage> open(const StorageOptions& options = {}) const {
    return server_ ? open_postgresql_storage(url(), options) : open_sqlite_storage(url(), options);
  }

  /// Looks at or changes the tables behind the storage's back. Write `freight.` before tables.
  std::int64_t number(std::string sql) const {
    auto session = raw_session();
    std::int64_t value = 0;
    database::Query query(*session, translated(std::move(sql)));
    query.into(value).next();
    return value;
  }
  void run(std::string sql) const { raw_session()->run(translated(std::move(sql))); }

 private:
  std::unique_ptr<database::Session> raw_session() const {
    const auto parsed = database::parse_url(url(), Code::invalid_value);
    if (server_) return database::open_postgresql_session(parsed);
    return database::open_sqlite_session(parsed, {.write_ahead_log = true, .create = true});
  }
  std::string translated(std::string sql) const {
    const std::string schema = "freight.";
    for (auto at = sql.find(schema); !server_ && at != std::string::npos; at = sql.find(schema)) {
      sql.erase(at, schema.size());
    }
    return sql;
  }

  database::Backend backend_;
  TemporaryFolder folder_;
  std::unique_ptr<TestDatabase> server_;
};

/// A database of one of our own backends under the suites of freight/testing/storage.
class SqlStorageTarget final : public StorageTarget {
 public:
  SqlStorageTarget(database::Backend backend, bool with_schema) : database_(backend, with_schema) {}

  const TestStorageDatabase& database() const { return database_; }
  std::unique_ptr<Storage> open() override { return database_.open(); }

  void examine() override {
    EXPECT_EQ(database_.number("SELECT count(*) FROM freight.tenant_shares AS s"
                               " WHERE s.queued_execute <> (SELECT count(*)"
                               "  FROM freight.batch_queue AS q"
                               "  WHERE q.tenant_id = s.tenant_id AND q.lane = 0)"
                               " OR s.queued_other <> (SELECT count(*)"
                               "  FROM freight.batch_queue AS q"
                               "  WHERE q.tenant_id = s.tenant_id AND q.lane = 1)"),
              0)
        << "the summary that claiming rests on has drifted from the queue";
    EXPECT_EQ(database_.number("SELECT count(*) FROM freight.migration_jobs AS j"
                               " WHERE j.log_sequence <> (SELECT count(*)"
                               "  FROM freight.migration_logs AS l WHERE l.job_id = j.job_id)"),
              0)
        << "the numbers of a job's log have a gap";
  }

 private:
  TestStorageDatabase database_;
};

/// The database of a suite's target that is a SqlStorageTarget.
inline const TestStorageDatabase& database_of(const StorageTarget& target) {
  return dynamic_cast<const SqlStorageTarget&>(target).database();
}

inline StorageCase sql_storage(database::Backend backend, bool with_schema = true) {
  const bool lite = backend == database::Backend::sqlite;
  return {.name = lite ? "Sqlite" : "Postgresql",
          .make = [=] { return std::make_unique<SqlStorageTarget>(backend, with_schema); },
          .notices_death = lite};
}

/// What the suites are instantiated over.
inline const auto sql_storages = ::testing::Values(sql_storage(database::Backend::sqlite),
                                                   sql_storage(database::Backend::postgresql));
/// For the suite that is about making a storage.
inline const auto empty_sql_storages =
    ::testing::Values(sql_storage(database::Backend::sqlite, false),
                      sql_storage(database::Backend::postgresql, false));

}  // namespace freight::testing
