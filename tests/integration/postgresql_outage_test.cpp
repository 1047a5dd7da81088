// Connections that break, sessions that are killed and other writers, on PostgreSQL.
#include <chrono>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "freight/error.hpp"
#include "support/output_rows.hpp"
#include "support/postgresql_destination_fixture.hpp"

namespace freight::testing {
namespace {

using namespace std::chrono_literals;

using PostgresqlOutage = PostgresqlDestinationFixture;

TEST_F(PostgresqlOutage, WaitsOutAServerThatGoesAwayAndComesBack) {
  database_.run("CREATE TABLE t (id int)");
  TcpProxy proxy(database_.url());
  auto destination = prepared(spec("t", proxy.url()));
  OutputRows rows(id_column);
  fill(rows, 10);
  write(*destination, rows, "r:0");

  proxy.take_away();
  const Error gone = error_of([&] { write(*destination, rows, "r:10"); });
  EXPECT_EQ(gone.code(), Code::destination_unavailable);
  EXPECT_EQ(gone.category(), Category::transient);
  EXPECT_TRUE(gone.details().outage);
  EXPECT_TRUE(error_of([&] { destination->count(true, context_); }).details().outage);

  proxy.bring_back();
  EXPECT_FALSE(write(*destination, rows, "r:10").from_ledger);
  EXPECT_EQ(count("t"), "20");
}

TEST_F(PostgresqlOutage, CallsACommitWithoutAnAnswerUnknownAndAsksTheLedgerThen) {
  database_.run("CREATE TABLE t (id int)");
  TcpProxy proxy(database_.url());
  auto destination = prepared(spec("t", proxy.url()));
  OutputRows rows(id_column);
  fill(rows, 10);
  proxy.cut_after([](std::string_view sent) {
    return sent.find(std::string_view("COMMIT\0", 7)) != std::string_view::npos;
  });

  const Error unknown = error_of([&] { write(*destination, rows); });
  EXPECT_EQ(unknown.code(), Code::commit_unknown);
  EXPECT_EQ(unknown.category(), Category::ambiguous);

  const WriteResult again = write(*destination, rows);
  EXPECT_EQ(again.inserted, 10u);
  EXPECT_EQ(count("t"), "10");
}

TEST_F(PostgresqlOutage, WritesNothingWhenTheConnectionBreaksBeforeTheCommit) {
  database_.run("CREATE TABLE t (id int)");
  TcpProxy proxy(database_.url());
  auto destination = prepared(spec("t", proxy.url()));
  OutputRows rows(id_column);
  fill(rows, 10);
  proxy.cut_after(
      [](std::string_view sent) { return sent.find("COPY") != std::string_view::npos; });

  const Error broken = error_of([&] { write(*destination, rows); });
  EXPECT_EQ(broken.code(), Code::destination_unavailable);
  EXPECT_TRUE(broken.details().outage);
  EXPECT_EQ(count("t"), "0");
  EXPECT_FALSE(write(*destination, rows).from_ledger);
  EXPECT_EQ(count("t"), "10");
}

TEST_F(PostgresqlOutage, TakesASessionKilledInTheMiddleOfACopyForAnOutage) {
  database_.run(
      "CREATE TABLE t (id int); CREATE TABLE armed (); INSERT INTO armed DEFAULT VALUES;"
      "CREATE FUNCTION shoot() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
      "IF NEW.id = 5000 AND EXISTS (SELECT FROM armed) THEN "
      "PERFORM pg_terminate_backend(pg_backend_pid()); END IF; RETURN NEW; END $$;"
      "CREATE TRIGGER shoot BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION shoot();");
  auto destination = prepared(spec("t"));
  OutputRows rows(id_column);
  fill(rows, 10'000);

  const Error killed = error_of([&] { write(*destination, rows); });
  EXPECT_EQ(killed.code(), Code::destination_unavailable);
  EXPECT_TRUE(killed.details().outage);

  database_.run("DELETE FROM armed");
  EXPECT_EQ(write(*destination, rows).inserted, 10'000u);
  EXPECT_EQ(count("t"), "10000");
}

TEST_F(PostgresqlOutage, SurvivesSessionsKilledBetweenWrites) {
  database_.run("CREATE TABLE t (id int)");
  auto destination = prepared(spec("t"));
  OutputRows rows(id_column);
  fill(rows, 10);
  for (int unit = 0; unit < 3; ++unit) {
    EXPECT_EQ(write(*destination, rows, "r:" + std::to_string(unit)).inserted, 10u);
    database_.run(
        "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE datname = "
        "current_database() AND application_name = 'freight'");
  }
  EXPECT_EQ(count("t"), "30");
}

// Another session that holds the unit's row in the ledger and has not committed yet.
class OtherWriter {
 public:
  OtherWriter(const std::string& url, JobId job) : connection_(PQconnectdb(url.c_str())) {
    run("BEGIN");
    run("INSERT INTO freight_ledger VALUES ('" + job.to_string() +
        "', 'r:0', 1, 'public.t', 0, 10, 'c0ffee', '1234', 10, 0, '{\"exceptions\":[]}', NULL, "
        "now())");
  }
  ~OtherWriter() { PQfinish(connection_); }
  OtherWriter(const OtherWriter&) = delete;
  OtherWriter& operator=(const OtherWriter&) = delete;
  void run(const std::string& sql) { PQclear(PQexec(connection_, sql.c_str())); }

 private:
  PGconn* connection_;
};

TEST_F(PostgresqlOutage, WaitsForAnotherWriterOfTheUnitAndTakesItsOutcome) {
  database_.run("CREATE TABLE t (id int)");
  auto destination = prepared(spec("t"));
  OutputRows rows(id_column);
  fill(rows, 10);
  OtherWriter other(database_.url(), job_id_);
  std::jthread committing([&other] {
    std::this_thread::sleep_for(200ms);
    other.run("COMMIT");
  });

  const WriteResult result = write(*destination, rows);

  EXPECT_TRUE(result.from_ledger);
  EXPECT_EQ(result.inserted, 10u);
  EXPECT_EQ(count("t"), "0");
}

TEST_F(PostgresqlOutage, StopsWaitingForALockWhenItIsAskedTo) {
  database_.run("CREATE TABLE t (id int)");
  auto destination = prepared(spec("t"));
  OutputRows rows(id_column);
  fill(rows, 10);
  std::stop_source stop;
  ConnectorContext stopped;
  stopped.stop = stop.get_token();
  {
    const OtherWriter other(database_.url(), job_id_);
    std::jthread stopping([&stop] {
      std::this_thread::sleep_for(200ms);
      stop.request_stop();
    });

    EXPECT_EQ(error_of([&] { write(*destination, rows, stopped); }).code(), Code::cancelled);
  }
  EXPECT_EQ(write(*destination, rows).inserted, 10u);
}

TEST_F(PostgresqlOutage, LosesTheLeaseWhileItWaits) {
  database_.run("CREATE TABLE t (id int)");
  auto destination = prepared(spec("t"));
  OutputRows rows(id_column);
  fill(rows, 10);
  const OtherWriter other(database_.url(), job_id_);
  const Deadline soon(std::chrono::steady_clock::now() + 300ms);
  ConnectorContext leased;
  leased.lease = &soon;

  EXPECT_EQ(error_of([&] { write(*destination, rows, leased); }).code(), Code::lease_lost);
}

}  // namespace
}  // namespace freight::testing
