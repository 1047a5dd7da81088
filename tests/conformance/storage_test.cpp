#include <fstream>

#include "database/sqlite/sqlite_settings.hpp"
#include "freight/testing/storage/openings.hpp"
#include "storage/sql/schema_migrator.hpp"
#include "storage/sql/sql_storage.hpp"
#include "support/storage_fixture.hpp"

namespace freight::testing {
namespace {

INSTANTIATE_TEST_SUITE_P(Sql, OpeningSuite, empty_sql_storages, storage_case_name);

/// What stands in the tables of our own backends.
class SchemaTest : public ::testing::TestWithParam<database::Backend> {
 protected:
  TestStorageDatabase database_{GetParam()};
};
INSTANTIATE_TEST_SUITE_P(Sql, SchemaTest,
                         ::testing::Values(database::Backend::sqlite,
                                           database::Backend::postgresql),
                         [](const auto& suite) {
                           return suite.param == database::Backend::sqlite ? "Sqlite"
                                                                           : "Postgresql";
                         });

TEST_P(SchemaTest, OpeningAppliesEveryMigrationOnce) {
  const auto status = database_.open()->schema_status();
  EXPECT_GT(status.latest, 0);
  EXPECT_EQ(status.version, status.latest);
  ASSERT_EQ(status.migrations.size(), static_cast<std::size_t>(status.latest));
  EXPECT_EQ(status.migrations[0].name, "initial");
  EXPECT_TRUE(parse_timestamp(status.migrations[0].applied_at).has_value());
  EXPECT_EQ(database_.open()->schema_status().migrations[0].applied_at,
            status.migrations[0].applied_at);
  EXPECT_EQ(database_.number("SELECT count(*) FROM freight.schema_migrations"), status.latest);
}

TEST_P(SchemaTest, ANewerSchemaIsRefused) {
  database_.open();
  database_.run("INSERT INTO freight.schema_migrations VALUES (999, 'later', 'x', 1)");
  EXPECT_EQ(code_of([&] { database_.open(); }), Code::newer_format);
  EXPECT_EQ(code_of([&] { database_.open({.upgrade = false})->jobs(); }), Code::newer_format);
}

TEST_P(SchemaTest, AChangedMigrationIsRefused) {
  database_.open();
  database_.run("UPDATE freight.schema_migrations SET checksum = 'other'");
  EXPECT_EQ(code_of([&] { database_.open(); }), Code::migration_changed);
}

TEST_P(SchemaTest, AnOlderSchemaIsRefusedUnlessItMayBeUpgraded) {
  // SQLite makes no file unless it may also fill it.
  database_.run("SELECT 1");
  auto storage = database_.open({.upgrade = false});
  EXPECT_EQ(storage->schema_status().version, 0);
  EXPECT_EQ(code_of([&] { storage->tenants(); }), Code::storage_failed);
  EXPECT_EQ(code_of([&] { storage->jobs(); }), Code::storage_failed);
  storage->upgrade();
  EXPECT_TRUE(storage->tenants().list().empty());
}

TEST_P(SchemaTest, AMigrationThatFailsLeavesNothingBehind) {
  database_.open();
  auto first =
      GetParam() == database::Backend::sqlite ? sqlite_migrations() : postgresql_migrations();
  std::vector<EmbeddedMigration> migrations(first.begin(), first.end());
  const bool lite = GetParam() == database::Backend::sqlite;
  migrations.push_back({.version = static_cast<int>(migrations.size()) + 1,
                        .name = "broken",
                        .sql = lite ? "CREATE TABLE half (a BIGINT); CREATE TABLE half (a BIGINT);"
                                    : "CREATE TABLE freight.half (a BIGINT);"
                                      "CREATE TABLE freight.half (a BIGINT);"});
  const auto url = database::parse_url(database_.url(), Code::invalid_value);
  storage::StoreConnections connections(
      {.backend = GetParam(), .display_url = "here", .open = [&, lite] {
         return lite ? database::open_sqlite_session(url, {.write_ahead_log = true})
                     : database::open_postgresql_session(url);
       }});
  storage::SchemaMigrator migrator(connections, migrations);
  EXPECT_EQ(code_of([&] { migrator.upgrade(); }), Code::storage_failed);
  EXPECT_EQ(migrator.status().version, migrator.status().latest - 1);
  EXPECT_EQ(database_.number(lite ? "SELECT count(*) FROM sqlite_master WHERE name = 'half'"
                                  : "SELECT count(*) FROM pg_class WHERE relname = 'half'"),
            0);
}

TEST_P(SchemaTest, KnowsItsOwnTables) {
  auto storage = database_.open();
  const auto own =
      GetParam() == database::Backend::sqlite ? "migration_jobs" : "freight.migration_jobs";
  EXPECT_TRUE(storage->holds(database_.url(), own));
  EXPECT_EQ(storage->holds(database_.url(), "customers"), GetParam() == database::Backend::sqlite)
      << "an SQLite storage is its whole file";
  EXPECT_FALSE(storage->holds("sqlite:/nowhere/else.db", own));
}

TEST_P(SchemaTest, TheSchemaHasAllTablesThatItCallsItsOwn) {
  auto storage = database_.open();
  const bool lite = GetParam() == database::Backend::sqlite;
  EXPECT_EQ(database_.number(lite ? "SELECT count(*) FROM sqlite_master WHERE type = 'table'"
                                  : "SELECT count(*) FROM pg_tables WHERE schemaname = 'freight'"),
            static_cast<std::int64_t>(storage::storage_tables().size()));
}

TEST_P(SchemaTest, EveryKeyOfATenantsTableBeginsWithTheTenant) {
  database_.open();
  const std::string tables =
      "('tenant_shares', 'migration_jobs', 'migration_job_specs',"
      " 'migration_batches', 'batch_queue', 'migration_logs',"
      " 'dead_letters')";
  if (GetParam() == database::Backend::sqlite) {
    EXPECT_EQ(database_.number("SELECT count(*) FROM sqlite_master AS m,"
                               " pragma_index_list(m.name) AS l, pragma_index_info(l.name) AS i"
                               " WHERE m.name IN " +
                               tables + " AND i.seqno = 0 AND i.name <> 'tenant_id'"),
              0);
  } else {
    EXPECT_EQ(database_.number(
                  "SELECT count(*) FROM pg_index AS i JOIN pg_class AS t ON t.oid = i.indrelid"
                  " JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum = i.indkey[0]"
                  " WHERE t.relname IN " +
                  tables + " AND a.attname <> 'tenant_id'"),
              0);
  }
}

TEST(SqliteStorage, SaysWhatIsWrongWithItsPath) {
  TemporaryFolder folder;
  const auto open = [&](const std::filesystem::path& path) {
    return open_sqlite_storage("sqlite:" + path.string(), {});
  };
  EXPECT_EQ(code_of([&] { open(folder / "missing/a.db"); }), Code::storage_failed);
  EXPECT_EQ(code_of([&] { open(folder.path()); }), Code::storage_failed);
  std::ofstream(folder / "text.db") << std::string(8192, 'x');
  EXPECT_EQ(code_of([&] { open(folder / "text.db"); }), Code::storage_failed);
  EXPECT_EQ(code_of([&] { open_sqlite_storage("sqlite::memory:", {}); }),
            Code::unsupported_storage);
  EXPECT_EQ(code_of([&] { open_storage("mysql://u:secret@h/d"); }), Code::unsupported_storage);
}

TEST(SqliteStorage, HoldsItsWholeFileByWhateverName) {
  TemporaryFolder folder;
  const auto path = folder / "shared.db";
  auto storage = open_storage("sqlite:" + path.string());
  EXPECT_TRUE(storage->holds("sqlite:" + path.string(), "customers"));
  std::filesystem::create_symlink(path, folder / "link.db");
  EXPECT_TRUE(storage->holds("sqlite:" + (folder / "link.db").string(), "customers"));
}

TEST(SqliteStorage, ALockThatAnotherHoldsIsBusy) {
  TestStorageDatabase database(database::Backend::sqlite);
  auto storage = database.open();
  auto other =
      database::open_sqlite_session(database::parse_url(database.url(), Code::invalid_value), {});
  database::Transaction transaction(*other);
  try {
    storage->tenants().find_or_create("t");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::storage_busy);
    EXPECT_TRUE(error.retryable());
  }
}

TEST(SqliteStorage, NoRoomLeftIsSaidAndNothingIsHalfWritten) {
  TestStorageDatabase database(database::Backend::sqlite);
  const auto tenant = database.open()->tenants().find_or_create("t").id;
  const auto url = database::parse_url(database.url(), Code::invalid_value);
  {
    // SQLite answers a limit on pages as it answers a full disk.
    storage::SqlStorage limited(
        {.connections = {.backend = database::Backend::sqlite,
                         .display_url = "here",
                         .open =
                             [url] {
                               auto session = database::open_sqlite_session(url);
                               database::add_sqlite_functions(database::sqlite_handle(*session));
                               session->run("PRAGMA max_page_count = 80");
                               return session;
                             }},
         .migrations = sqlite_migrations(),
         .liveness = std::make_unique<storage::LeaseOnlyLiveness>(),
         .holds = [](std::string_view, std::string_view) { return false; }},
        true);
    const auto fill = [&] {
      for (;;) {
        limited.jobs().submit(JobId::generate(),
                              {.tenant_id = tenant, .name = "j", .spec = std::string(20'000, 'x')});
      }
    };
    EXPECT_EQ(code_of(fill), Code::storage_full);
  }
  auto storage = database.open();
  const auto jobs = storage->jobs().list_jobs(tenant, {.limit = 1000}).jobs;
  EXPECT_FALSE(jobs.empty());
  for (const auto& job : jobs) {
    EXPECT_EQ(storage->jobs().find_job(tenant, job.id)->spec.size(), 20'000U);
  }
  EXPECT_EQ(database.number("SELECT count(*) FROM freight.batch_queue"),
            static_cast<std::int64_t>(jobs.size()));
}

TEST(PostgresqlStorage, AServerThatIsNotThereIsAnOutage) {
  try {
    open_storage("postgresql://u:secret@127.0.0.1:1/d");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::storage_unavailable);
    EXPECT_TRUE(error.retryable());
    EXPECT_TRUE(error.details().outage);
    EXPECT_EQ(std::string(error.what()).find("secret"), std::string::npos) << error.what();
  }
}

TEST(PostgresqlStorage, GoesOnAfterEveryConnectionBroke) {
  TestDatabase database;
  auto storage = open_storage(database.url());
  const auto tenant = storage->tenants().find_or_create("t").id;
  TestDatabase::run_on_server(
      "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
      " WHERE datname = '" +
      database.name() + "'");
  EXPECT_EQ(storage->tenants().find_or_create("t").id, tenant);
  storage->jobs().submit(JobId::generate(), {.tenant_id = tenant, .name = "j"});
  EXPECT_EQ(storage->jobs().list_jobs(tenant, {}).jobs.size(), 1U);
}

TEST(PostgresqlStorage, WorksForAnOrdinaryRoleThatWasGivenTheSchema) {
  TestDatabase database;
  const auto role = "freight_role_" + database.name();
  TestDatabase::run_on_server("CREATE ROLE " + role + " LOGIN");
  {
    EXPECT_EQ(code_of([&] { open_storage(database.url_for(role)); }), Code::storage_denied);
    database.run("CREATE SCHEMA freight AUTHORIZATION " + role);
    auto storage = open_storage(database.url_for(role));
    const auto tenant = storage->tenants().find_or_create("t").id;
    storage->jobs().submit(JobId::generate(), {.tenant_id = tenant, .name = "j"});
  }
  database.run("DROP OWNED BY " + role);
  TestDatabase::run_on_server("DROP ROLE " + role);
}

TEST(PostgresqlStorage, NeedsNothingOfItsSession) {
  TestDatabase database;
  open_storage(database.url());
  // What a pooler may hand out: another search path, another isolation level, odd formats.
  database.run("ALTER DATABASE " + database.name() + " SET search_path = 'nowhere'");
  database.run("ALTER DATABASE " + database.name() + " SET DateStyle = 'German'");
  database.run("ALTER DATABASE " + database.name() +
               " SET default_transaction_isolation = 'serializable'");
  auto storage = open_storage(database.url());
  const auto tenant = storage->tenants().find_or_create("t").id;
  const auto id = JobId::generate();
  storage->jobs().submit(id, {.tenant_id = tenant, .name = "j"});
  EXPECT_TRUE(storage->jobs().find_job(tenant, id).has_value());
}

}  // namespace
}  // namespace freight::testing
