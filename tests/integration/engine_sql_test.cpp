// CSV files into real databases, through all of Freight.

#include <fstream>

#include <gmock/gmock.h>

#include "support/engine_fixture.hpp"

namespace freight::testing {
namespace {

using ::testing::HasSubstr;

/// Storage and destination of every backend.
class EngineSqlTest : public EngineTest {
 protected:
  std::string write_csv(std::uint64_t records,
                        const std::function<std::string(std::uint64_t)>& line) {
    const auto path = folder_ / "people.csv";
    std::ofstream file(path, std::ios::binary);
    file << "id,name,born\n";
    for (std::uint64_t ordinal = 0; ordinal < records; ++ordinal) file << line(ordinal) << '\n';
    return path.string();
  }

  static std::string good_line(std::uint64_t ordinal) {
    return std::to_string(ordinal) + ",\"Name, " + std::to_string(ordinal) + "\",1990-01-02";
  }

  JobSpec spec_for(const std::string& csv, const std::string& url) {
    return parse_job_spec(R"({"source":{"type":"csv","path":")" + csv +
                          R"("},"schema":{"fields":[{"name":"id","type":"integer"},)"
                          R"({"name":"name","type":"string"},{"name":"born","type":"date"}],)"
                          R"("primaryKey":["id"]},"destination":{"type":"sql","url":")" +
                          url +
                          R"(","table":"people","create_table":true},)"
                          R"("batch":{"max_records":500}})")
        .value();
  }

  std::string sqlite_url() const { return "sqlite:" + (folder_ / "out.db").string(); }

  void expect_verified(const Job& job, JobStatus status, std::uint64_t succeeded) {
    EXPECT_EQ(job.status, status) << describe(job);
    EXPECT_EQ(job.records.succeeded, succeeded);
    EXPECT_EQ(job.written.inserted, succeeded);
    EXPECT_THAT(job.reconciliation, HasSubstr(R"("status":"verified")"));
    EXPECT_THAT(job.reconciliation, HasSubstr(R"("ledger_rows":)" + std::to_string(succeeded)));
  }
};

TEST_P(EngineSqlTest, LoadsACsvIntoSqlite) {
  const auto csv = write_csv(20'000, good_line);
  expect_verified(run(spec_for(csv, sqlite_url())), JobStatus::completed, 20'000);
}

TEST_P(EngineSqlTest, LoadsACsvIntoPostgresql) {
  TestDatabase destination;
  const auto csv = write_csv(20'000, good_line);
  expect_verified(run(spec_for(csv, destination.url())), JobStatus::completed, 20'000);
  EXPECT_EQ(destination.value("SELECT count(*) || ' ' || sum(id) || ' ' || max(name) FROM people"),
            "20000 199990000 Name, 9999");
}

TEST_P(EngineSqlTest, BadRecordsCostNoGoodOne) {
  TestDatabase destination;
  const auto csv = write_csv(5'000, [](std::uint64_t ordinal) {
    if (ordinal % 1000 == 7) return std::string("x,not a number,1990-01-02");
    if (ordinal % 1000 == 8) return std::to_string(ordinal - 2) + ",the key again,1990-01-02";
    return good_line(ordinal);
  });
  for (const auto& url : {sqlite_url(), destination.url()}) {
    const auto job = run(spec_for(csv, url));
    expect_verified(job, JobStatus::completed_with_errors, 4'990);
    EXPECT_EQ(job.records.rejected, 10U);
    const auto letters =
        storage_->jobs().list_dead_letters(tenant_, job.id, {.first_ordinal = 0, .limit = 20});
    ASSERT_EQ(letters.size(), 10U);
    EXPECT_EQ(letters[0].ordinal, 7U);
    EXPECT_EQ(letters[0].line, 9U);
    EXPECT_EQ(letters[0].errors.at(0).code, Code::type_mismatch);
    EXPECT_EQ(letters[1].errors.at(0).code, Code::unique_violation);
    EXPECT_EQ(letters[1].raw, "6,the key again,1990-01-02");
  }
}

TEST_P(EngineSqlTest, StopsAndGoesOnWithEachRecordOnce) {
  TestDatabase destination;
  const auto csv = write_csv(40'000, good_line);
  auto engine = start_engine();
  const auto id = engine->submit(tenant_, spec_for(csv, destination.url()));
  ASSERT_TRUE(eventually([&] { return engine->find(tenant_, id)->batches_completed > 5; }));
  engine->stop();
  for (int round = 0; round < 5; ++round) {
    auto next = start_engine();
    next->wait(tenant_, id, milliseconds(40));
  }
  auto last = start_engine();
  expect_verified(wait(*last, id), JobStatus::completed, 40'000);
  EXPECT_EQ(destination.value("SELECT count(*) || ' ' || count(DISTINCT id) FROM people"),
            "40000 40000");
}

TEST_P(EngineSqlTest, ATableThatIsNotThereFailsTheJob) {
  TestDatabase destination;
  const auto csv = write_csv(10, good_line);
  auto spec = spec_for(csv, destination.url());
  std::get<SqlDestinationSpec>(spec.destination).create_table = false;
  // What storage keeps is what is run.
  const auto at = spec.stored_json.find(R"("create_table":true)");
  ASSERT_NE(at, std::string::npos);
  spec.stored_json.replace(at, 19, R"("create_table":false)");
  const auto job = run(spec);
  ASSERT_TRUE(job.error) << describe(job);
  EXPECT_EQ(job.error->code, Code::table_not_found);
}

INSTANTIATE_TEST_SUITE_P(Storages, EngineSqlTest,
                         ::testing::Values(StorageBackend::sqlite, StorageBackend::postgresql),
                         name_of);

/// The storage goes away for a while: nothing is lost and nobody gives up.
class EngineStorageOutageTest : public EngineTest {};

TEST_P(EngineStorageOutageTest, GoesOnWhenTheStorageIsBack) {
  script_->records = 2000;
  script_->on_write = [](const WriteRequest&, ConnectorContext&) {
    std::this_thread::sleep_for(std::chrono::milliseconds(3));
  };
  auto engine = start_engine();
  const auto id = engine->submit(tenant_, scripted_spec());
  ASSERT_TRUE(eventually([&] { return script_->written() > 100; }));
  const auto name = database_->name();
  TestDatabase::run_on_server("ALTER DATABASE " + name + " ALLOW_CONNECTIONS false");
  for (int kick = 0; kick < 15; ++kick) {
    TestDatabase::run_on_server(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '" + name +
        "'");
    std::this_thread::sleep_for(milliseconds(100));
  }
  TestDatabase::run_on_server("ALTER DATABASE " + name + " ALLOW_CONNECTIONS true");
  const auto job = wait(*engine, id);
  EXPECT_EQ(job.status, JobStatus::completed) << describe(job);
  EXPECT_EQ(job.records.succeeded, 2000U);
  EXPECT_EQ(script_->repeated(), 0U);
  EXPECT_EQ(script_->written(), 2000U);
}

TEST_P(EngineStorageOutageTest, StopsWhileTheStorageIsAway) {
  script_->records = 2000;
  script_->on_write = [](const WriteRequest&, ConnectorContext&) {
    std::this_thread::sleep_for(std::chrono::milliseconds(3));
  };
  auto engine = start_engine();
  const auto id = engine->submit(tenant_, scripted_spec());
  ASSERT_TRUE(eventually([&] { return script_->written() > 100; }));
  const auto name = database_->name();
  TestDatabase::run_on_server("ALTER DATABASE " + name + " ALLOW_CONNECTIONS false");
  TestDatabase::run_on_server(
      "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '" + name +
      "'");
  // It ends although the storage does not come back before it has.
  engine->stop();
  TestDatabase::run_on_server("ALTER DATABASE " + name + " ALLOW_CONNECTIONS true");
  // The leases that could not be handed back run out.
  auto next = start_engine();
  expect_completed(wait(*next, id), 2000);
}

INSTANTIATE_TEST_SUITE_P(Storages, EngineStorageOutageTest,
                         ::testing::Values(StorageBackend::postgresql), name_of);

}  // namespace
}  // namespace freight::testing
