// How many connections a node has to one database, and what becomes of them.
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "freight/error.hpp"
#include "support/output_rows.hpp"
#include "support/postgresql_destination_fixture.hpp"

namespace freight::testing {
namespace {

using ::testing::HasSubstr;

class PostgresqlConnections : public PostgresqlDestinationFixture {
 protected:
  /// A destination of a job of its own, of connections that others use too.
  std::unique_ptr<Destination> of_another_job(const std::string& table, sql::PostgresqlPools& pools,
                                              std::string url = {}) {
    auto destination = sql::make_postgresql_destination(
        {.spec = spec(table, std::move(url)), .job_id = JobId::generate()}, pools);
    destination->prepare({}, context_);
    return destination;
  }

  std::string open_connections() {
    return database_.value(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND application_name = 'freight'");
  }
};

TEST_F(PostgresqlConnections, AreSharedByAllJobsAndNoMoreThanTheyMayBe) {
  constexpr int jobs = 12;
  sql::PostgresqlPools pools(2);
  std::vector<std::unique_ptr<Destination>> destinations;
  for (int job = 0; job < jobs; ++job) {
    const std::string table = "t" + std::to_string(job);
    database_.run("CREATE TABLE " + table + " (id int)");
    destinations.push_back(of_another_job(table, pools));
  }
  {
    std::vector<std::jthread> writers;
    for (auto& destination : destinations) {
      writers.emplace_back([&destination] {
        for (int unit = 0; unit < 5; ++unit) {
          ConnectorContext context;
          OutputRows rows(id_column);
          fill(rows, 200);
          write(*destination, rows, context, "r:" + std::to_string(unit * 200));
        }
      });
    }
  }
  // They are kept, so that there are as many as there have ever been.
  EXPECT_EQ(open_connections(), "2");
  for (int job = 0; job < jobs; ++job) EXPECT_EQ(count("t" + std::to_string(job)), "1000");
}

TEST_F(PostgresqlConnections, AreClosedWithTheLastJobThatUsesThem) {
  database_.run("CREATE TABLE a (id int); CREATE TABLE b (id int)");
  sql::PostgresqlPools pools(2);
  auto first = of_another_job("a", pools);
  auto second = of_another_job("b", pools);
  first.reset();
  EXPECT_EQ(open_connections(), "1");
  second.reset();
  for (int look = 0; look < 500 && open_connections() != "0"; ++look) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_EQ(open_connections(), "0");
}

TEST_F(PostgresqlConnections, AreWaitedForUntilTheJobIsStopped) {
  database_.run("CREATE TABLE a (id int); CREATE TABLE b (id int)");
  sql::PostgresqlPools pools(1);
  auto busy = of_another_job("a", pools);
  auto waiting = of_another_job("b", pools);
  database_.run(
      "CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
      " PERFORM pg_sleep(60); RETURN NULL; END $$;"
      "CREATE TRIGGER hold BEFORE INSERT ON a FOR EACH STATEMENT EXECUTE FUNCTION hold()");
  std::stop_source stop;
  const auto stopped = [&stop] {
    ConnectorContext context;
    context.stop = stop.get_token();
    return context;
  };
  std::optional<Error> first;
  std::optional<Error> second;
  {
    const std::jthread writer([&] {
      auto context = stopped();
      OutputRows rows(id_column);
      fill(rows, 1);
      first = error_of([&] { write(*busy, rows, context); });
    });
    for (int look = 0; look < 1000 && database_.value("SELECT count(*) FROM pg_stat_activity"
                                                      " WHERE wait_event = 'PgSleep'") == "0";
         ++look) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    const std::jthread waiter([&] {
      auto context = stopped();
      OutputRows rows(id_column);
      fill(rows, 1);
      second = error_of([&] { write(*waiting, rows, context); });
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    EXPECT_EQ(open_connections(), "1");
    stop.request_stop();
  }
  EXPECT_EQ(first->code(), Code::cancelled);
  EXPECT_EQ(second->code(), Code::cancelled);
}

TEST_F(PostgresqlConnections, AreAskedForAgainLaterWhereTheServerHasNoneLeft) {
  database_.run("CREATE TABLE t (id int)");
  const Role role(database_, "LOGIN CONNECTION LIMIT 0");
  const Error full = error_of([&] { prepared(spec("t", database_.url_for(role.name()))); });
  EXPECT_EQ(full.code(), Code::destination_unavailable);
  EXPECT_EQ(full.category(), Category::throttled);
  EXPECT_TRUE(full.details().outage) << "it is waited for, and is no attempt";
  EXPECT_THAT(full.details().hint, HasSubstr("--connections"));
}

TEST_F(PostgresqlConnections, LeaveNoLockBehindWhenTheyWereGivenUp) {
  database_.run("CREATE TABLE t (id int)");
  TcpProxy proxy(database_.url());
  auto destination = prepared(spec("t", proxy.url()));
  OutputRows rows(id_column);
  fill(rows, 10);
  // The server never hears that the connection has gone.
  proxy.keep_after([](std::string_view sent) {
    return sent.find(std::string_view("COPY", 4)) != std::string_view::npos;
  });
  std::stop_source stop;
  ConnectorContext context;
  context.stop = stop.get_token();
  {
    const std::jthread canceller([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(500));
      stop.request_stop();
    });
    EXPECT_EQ(error_of([&] { write(*destination, rows, context); }).code(), Code::cancelled);
  }
  EXPECT_EQ(database_.value("SELECT count(*) FROM pg_stat_activity WHERE state = 'active'"
                            " AND wait_event = 'ClientRead' AND datname = current_database()"),
            "1");
  EXPECT_EQ(write(*destination, rows).inserted, 10u);
  EXPECT_EQ(count("t"), "10");
}

}  // namespace
}  // namespace freight::testing
